/* invoice_print: a document was issued: its PDF is written, once, for the portal to hand out. */
#include "invoice.h"
#include "job.h"

JOB(invoice_print)
{
	const struct invoice *invoice = invoice_by_id(job->db, job->subject_id);
	if (invoice)
		invoice_pdf(job->db, invoice);
}
