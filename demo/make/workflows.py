#!/usr/bin/env python3
"""Write the automation workflows: n8n-style JSON, importable, credentials left empty."""
import json, pathlib, uuid

DEMO = pathlib.Path(__file__).resolve().parent.parent
BASE = "n8n-nodes-base."


def workflow(slug, version, title, nodes, links, stem=None):
    """nodes: name -> (type, typeVersion, parameters); links: (from, to[, output])."""
    seed = lambda s: str(uuid.uuid5(uuid.NAMESPACE_URL, f"{slug}/{version}/{s}"))
    depth = {}
    for a, b, *_ in links:
        depth.setdefault(a, 0)
        depth[b] = max(depth.get(b, 0), depth[a] + 1)
    rows, made = {}, []
    for name, (kind, type_version, parameters) in nodes.items():
        col = depth.get(name, 0)
        row = rows[col] = rows.get(col, -1) + 1
        made.append({"parameters": parameters, "id": seed(name), "name": name, "type": BASE + kind, "typeVersion": type_version,
                     "position": [240 + 220 * col, 300 + 180 * row]})
    connections = {}
    for a, b, *out in links:
        outputs = connections.setdefault(a, {"main": []})["main"]
        while len(outputs) <= (out[0] if out else 0):
            outputs.append([])
        outputs[out[0] if out else 0].append({"node": b, "type": "main", "index": 0})
    folder = DEMO / slug / "files"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{stem or slug}-{version}.json").write_text(json.dumps({
        "name": title, "nodes": made, "connections": connections, "active": False, "pinData": {},
        "settings": {"executionOrder": "v1", "timezone": "Europe/Paris"},
        "versionId": seed("version"), "meta": {"templateCredsSetupCompleted": False}, "tags": [{"name": slug}],
    }, ensure_ascii=False, indent=2) + "\n")


def weekly(hour, day=None):
    interval = {"triggerAtHour": hour}
    interval |= {"field": "weeks", "triggerAtDay": [day]} if day is not None else {"field": "days"}
    return ("scheduleTrigger", 1.2, {"rule": {"interval": [interval]}})

def code(*lines):
    return ("code", 2, {"jsCode": "\n".join(lines)})

def when(left, operation, right, kind="number"):
    return ("if", 2, {"conditions": {"combinator": "and", "options": {"caseSensitive": True, "typeValidation": "strict"}, "conditions": [
        {"leftValue": left, "rightValue": right, "operator": {"type": kind, "operation": operation}}]}})

def mail(to, subject, text):
    return ("emailSend", 2.1, {"fromEmail": "you@your-studio.example", "toEmail": to, "subject": subject, "emailFormat": "text", "text": text})

def sheet(operation, name, **more):
    return ("googleSheets", 4.4, {"operation": operation, "documentId": {"mode": "id", "value": "YOUR-SHEET-ID"},
                                  "sheetName": {"mode": "name", "value": name}, **more})

def note(text):
    return ("stickyNote", 1, {"content": text, "height": 160, "width": 360})


FIRST = "Hello {{ $json.first_name }},\n\nI cannot see a payment for invoice {{ $json.number }} yet ({{ $json.amount }}, due {{ $json.due }}).\n" \
        "Could you tell me where it stands?\n\nWith thanks"
BONJOUR = "Bonjour {{ $json.first_name }},\n\nJe ne vois pas encore passer le règlement de la facture {{ $json.number }} ({{ $json.amount }}, " \
          "échue le {{ $json.due }}).\nPouvez-vous me dire où elle en est ?\n\nBien à vous"
LATE = ("const today = new Date();", "return items.filter(({ json }) => !json.paid_at).map(({ json }) => ({",
        "  json: { ...json, days_late: Math.floor((today - new Date(json.due)) / 86400000) }", "}));")


def relances():
    slug = "relances-en-douceur"
    v1 = {"Every morning": weekly(9), "Invoices": sheet("read", "invoices"), "Days late": code(*LATE),
          "Five days late?": when("={{ $json.days_late }}", "equals", 5), "Write to the client": mail("={{ $json.email }}", "=Invoice {{ $json.number }}", "=" + FIRST)}
    path = [("Every morning", "Invoices"), ("Invoices", "Days late"), ("Days late", "Five days late?"), ("Five days late?", "Write to the client")]
    workflow(slug, "1.0.0", "Gentle reminders", v1, path)

    v2 = v1 | {"In French?": when("={{ $json.language }}", "equals", "fr", "string"),
               "Écrire au client": mail("={{ $json.email }}", "=Facture {{ $json.number }}", "=" + BONJOUR)}
    split = path[:3] + [("Five days late?", "In French?"), ("In French?", "Écrire au client", 0), ("In French?", "Write to the client", 1)]
    workflow(slug, "1.1.0", "Gentle reminders, in two languages", v2, split)

    nodes = {
        "Read me": note("## Gentle reminders 2\n1. Put your sheet id into *Invoices* and *Remember it*.\n2. Connect your mail account.\n3. Run once by hand: nothing is sent while `dry_run` is true."),
        "Every weekday morning": ("scheduleTrigger", 1.2, {"rule": {"interval": [{"field": "cronExpression", "expression": "0 9 * * 1-5"}]}}),
        "Settings": ("set", 3.4, {"assignments": {"assignments": [
            {"id": "1", "name": "dry_run", "type": "boolean", "value": True}, {"id": "2", "name": "steps", "type": "array", "value": "[-3, 5, 15]"}]}}),
        "Invoices": sheet("read", "invoices"), "Days late": code(*LATE),
        "Pick the step": code("const steps = $('Settings').first().json.steps;", "return items.filter(({ json }) =>",
                              "  steps.includes(json.days_late) && json.last_step !== json.days_late);"),
        "Which tone?": ("switch", 3, {"rules": {"values": [
            {"outputKey": name, "renameOutput": True, "conditions": when("={{ $json.days_late }}", "equals", day)[2]["conditions"]}
            for name, day in (("before", -3), ("after", 5), ("firm", 15))]}}),
        "A friendly word": mail("={{ $json.email }}", "=Invoice {{ $json.number }} falls due soon", "=Hello {{ $json.first_name }},\n\nA quick note that invoice {{ $json.number }} falls due on {{ $json.due }}.\n\nHave a good week"),
        "A question": mail("={{ $json.email }}", "=Invoice {{ $json.number }}", "=" + FIRST),
        "A pause": mail("={{ $json.email }}", "=Invoice {{ $json.number }}: fifteen days late", "=Hello {{ $json.first_name }},\n\nInvoice {{ $json.number }} is now fifteen days late. I am pausing the next part of the project until it is settled.\nWhom may I ring?"),
        "Remember it": sheet("update", "invoices", columns={"mappingMode": "defineBelow", "matchingColumns": ["number"],
                             "value": {"number": "={{ $('Pick the step').item.json.number }}", "last_step": "={{ $('Pick the step').item.json.days_late }}"}}),
    }
    links = [("Every weekday morning", "Settings"), ("Settings", "Invoices"), ("Invoices", "Days late"), ("Days late", "Pick the step"), ("Pick the step", "Which tone?"),
             ("Which tone?", "A friendly word", 0), ("Which tone?", "A question", 1), ("Which tone?", "A pause", 2),
             ("A friendly word", "Remember it"), ("A question", "Remember it"), ("A pause", "Remember it")]
    nodes["Really send?"] = when("={{ $('Settings').first().json.dry_run }}", "false", "", "boolean")
    links[4] = ("Pick the step", "Really send?")
    links.insert(5, ("Really send?", "Which tone?", 0))
    workflow(slug, "2.0.0", "Gentle reminders 2", nodes, links)


def payouts():
    workflow("stripe-payouts-ledger", "1.0.0", "Payouts to a ledger", {
        "Read me": note("## Payouts to a ledger\nCreate a restricted key that can only *read* balance transactions.\nThe sheet needs the columns id, date, kind, gross, fee, net, currency."),
        "Payout paid": ("stripeTrigger", 1, {"events": ["payout.paid"]}),
        "Its transactions": ("httpRequest", 4.2, {"method": "GET", "url": "https://api.stripe.com/v1/balance_transactions", "authentication": "predefinedCredentialType",
            "nodeCredentialType": "stripeApi", "sendQuery": True, "queryParameters": {"parameters": [{"name": "payout", "value": "={{ $json.data.object.id }}"}, {"name": "limit", "value": "100"}]},
            "options": {"pagination": {"pagination": {"paginationMode": "updateAParameterInEachRequest", "parameters": {"parameters": [{"name": "starting_after", "value": "={{ $response.body.data.last().id }}"}]},
            "paginationCompleteWhen": "other", "completeExpression": "={{ !$response.body.has_more }}"}}}}),
        "One by one": ("splitOut", 1, {"fieldToSplitOut": "data"}),
        "Amounts": code("const zero = new Set(['jpy', 'krw', 'vnd', 'clp']);", "return items.map(({ json: t }) => {", "  const unit = zero.has(t.currency) ? 1 : 100;",
            "  return { json: { id: t.id, date: new Date(t.created * 1000).toISOString().slice(0, 10), kind: t.type,", "    gross: t.amount / unit, fee: t.fee / unit, net: t.net / unit, currency: t.currency.toUpperCase() } };", "});"),
        "Add to the ledger": sheet("appendOrUpdate", "ledger", columns={"mappingMode": "autoMapInputData", "matchingColumns": ["id"]}),
        "Do the sums agree?": code("const paid = $('Payout paid').first().json.data.object.amount;", "const sum = $('One by one').all().filter(i => i.json.type !== 'payout')",
            "  .reduce((s, i) => s + i.json.net, 0);", "return [{ json: { paid, sum, difference: paid - sum } }];"),
        "A difference?": when("={{ $json.difference }}", "notEquals", 0),
        "Tell me": mail("you@your-studio.example", "A payout does not add up", "=Paid {{ $json.paid }}, transactions {{ $json.sum }}, difference {{ $json.difference }} (minor units)."),
    }, [("Payout paid", "Its transactions"), ("Its transactions", "One by one"), ("One by one", "Amounts"), ("Amounts", "Add to the ledger"),
        ("Add to the ledger", "Do the sums agree?"), ("Do the sums agree?", "A difference?"), ("A difference?", "Tell me")])


def letter():
    workflow("weekly-reading-letter", "1.0.0", "Weekly reading letter", {
        "Sunday, 17:00": weekly(17, 0),
        "My feeds": ("set", 3.4, {"assignments": {"assignments": [{"id": "1", "name": "feeds", "type": "array", "value": '["https://journal.example/feed.xml", "https://gardening.example/rss"]'}]}}),
        "Each feed": ("splitOut", 1, {"fieldToSplitOut": "feeds"}),
        "Read it": ("rssFeedRead", 1.1, {"url": "={{ $json.feeds }}", "options": {"ignoreSSL": False}}),
        "This week only": ("filter", 2, when("={{ Date.parse($json.isoDate) }}", "gt", "={{ Date.now() - 7 * 86400000 }}")[2]),
        "No doubles": ("removeDuplicates", 1.1, {"compare": "selectedFields", "fieldsToCompare": "link"}),
        "Write the letter": code("const short = s => (s || '').replace(/<[^>]+>/g, '').replace(/\\s+/g, ' ').slice(0, 180);",
            "const lines = items.slice(0, 12).map(({ json }) => `* ${json.title}\\n  ${short(json.contentSnippet)}\\n  ${json.link}`);", "return [{ json: { count: lines.length, body: lines.join('\\n\\n') } }];"),
        "Anything at all?": when("={{ $json.count }}", "gt", 0),
        "Send": mail("you@your-studio.example", "={{ $json.count }} things to read with tea", "={{ $json.body }}"),
    }, [("Sunday, 17:00", "My feeds"), ("My feeds", "Each feed"), ("Each feed", "Read it"), ("Read it", "This week only"), ("This week only", "No doubles"),
        ("No doubles", "Write the letter"), ("Write the letter", "Anything at all?"), ("Anything at all?", "Send")])


def podcast():
    workflow("podcast-show-notes", "0.9.0", "Show notes from a transcript", {
        "Transcript arrives": ("webhook", 2, {"httpMethod": "POST", "path": "transcript", "responseMode": "lastNode", "options": {"rawBody": False}}),
        "Chapters": code("// a chapter starts where the transcript has a line of its own like [00:12:30] Title", "const text = $input.first().json.body.text;",
            "const found = [...text.matchAll(/^\\[(\\d{2}:\\d{2}:\\d{2})\\]\\s+(.+)$/gm)];", "return found.map(m => ({ json: { at: m[1], title: m[2].trim() } }));"),
        "Links": code("const text = $('Transcript arrives').first().json.body.text;", "return [...new Set(text.match(/https?:\\/\\/[^\\s)>\\]]+/g) || [])].map(url => ({ json: { url } }));"),
        "Put together": ("merge", 3, {"mode": "append", "numberInputs": 2}),
        "Show notes": code("const chapters = items.filter(i => i.json.at).map(i => `- ${i.json.at} ${i.json.title}`);", "const links = items.filter(i => i.json.url).map(i => `- <${i.json.url}>`);",
            "return [{ json: { markdown: ['## Chapters', ...chapters, '', '## Mentioned', ...links].join('\\n') } }];"),
    }, [("Transcript arrives", "Chapters"), ("Transcript arrives", "Links"), ("Chapters", "Put together"), ("Links", "Put together"), ("Put together", "Show notes")])
    path = DEMO / "podcast-show-notes/files/podcast-show-notes-0.9.0.json"
    data = json.loads(path.read_text())
    data["connections"]["Links"]["main"][0][0]["index"] = 1          # the second input of the merge
    path.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    for make in (relances, payouts, letter, podcast):
        make()
        print(make.__name__)
