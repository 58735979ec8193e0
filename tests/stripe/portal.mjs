// The customer portal's API: configurations and sessions. The page itself is in portal_page.mjs.

import { announce } from './event.mjs';
import { errors } from './errors.mjs';
import { newId, randomText } from './ids.mjs';
import { equal, listing } from './lists.mjs';
import { fresh } from './objects.mjs';
import { anything, boolean, list, mergeMetadata, metadata, oneOf, orUnset, request, shape, text, url } from './schema.mjs';

const ENABLED = { enabled: boolean };

const FEATURES = shape({
  customer_update: shape({ ...ENABLED, allowed_updates: orUnset(list(oneOf('address', 'email', 'name', 'phone', 'shipping', 'tax_id'))) }),
  invoice_history: shape(ENABLED), payment_method_update: shape({ ...ENABLED, payment_method_configuration: orUnset(text()) }),
  subscription_cancel: shape({
    ...ENABLED, mode: oneOf('at_period_end', 'immediately'), proration_behavior: oneOf('always_invoice', 'create_prorations', 'none'),
    cancellation_reason: shape({ ...ENABLED, options: orUnset(list(text())) }),
  }),
  subscription_pause: shape(ENABLED),
  subscription_update: shape({
    ...ENABLED, default_allowed_updates: orUnset(list(text())), products: anything, proration_behavior: text(),
    schedule_at_period_end: anything, trial_update_behavior: text(), billing_cycle_anchor: orUnset(text()),
  }),
});

const CONFIGURATION = {
  active: boolean, business_profile: shape({ headline: orUnset(text()), privacy_policy_url: url, terms_of_service_url: url }),
  default_return_url: orUnset(url), features: FEATURES, login_page: shape(ENABLED), metadata, name: orUnset(text()),
};

const createParameters = request(CONFIGURATION, { required: ['features'] });
const updateParameters = request(CONFIGURATION);

// A feature that is not named is off; what is named of it replaces the usual.
function merged(old, given = {}) {
  return Object.fromEntries(Object.entries(old).map(([name, value]) => [name, given[name] ? { ...value, ...given[name] } : value]));
}

const KIND = 'billing_portal.configuration';

function addConfiguration(double, { features, metadata: notes, business_profile: profile, login_page: _, expand: __, ...given }, isDefault) {
  const now = double.clock.now();
  const template = fresh(KIND);
  const off = Object.fromEntries(Object.entries(template.features).map(([name, value]) => [name, { ...value, enabled: false }]));
  const configuration = {
    ...template, ...given, id: newId('bpc'), business_profile: { ...template.business_profile, ...profile }, created: now,
    features: isDefault ? template.features : merged(off, features), is_default: isDefault, metadata: notes ?? {}, updated: now,
  };
  double.store.put(KIND, configuration.id, configuration);
  announce(double, 'billing_portal.configuration.created', configuration);
  return configuration;
}

export const createConfiguration = ({ double, params }) => addConfiguration(double, createParameters(params), false);

function find(double, id) {
  const configuration = double.store.get(KIND, id);
  if (!configuration) throw errors.notFound(KIND, id, 'configuration');
  return configuration;
}

const onlyExpand = request({});

export function retrieveConfiguration({ double, args, params }) {
  onlyExpand(params);
  return find(double, args.id);
}

export function updateConfiguration({ double, args, params }) {
  const { features, metadata: notes, business_profile: profile, login_page: _, expand: __, ...given } = updateParameters(params);
  const old = find(double, args.id);
  Object.assign(old, given, {
    business_profile: { ...old.business_profile, ...profile }, features: merged(old.features, features),
    metadata: mergeMetadata(old.metadata, notes), updated: double.clock.now(),
  });
  announce(double, 'billing_portal.configuration.updated', old);
  return double.store.put(KIND, old.id, old);
}

export const listConfigurations = listing(KIND, '/v1/billing_portal/configurations',
  { active: equal('active', boolean), is_default: equal('is_default', boolean) });

// As if it had been saved in the dashboard.
const usual = (double) => double.store.all(KIND).find((one) => one.is_default) ?? addConfiguration(double, {}, true);

const FLOWS = ['payment_method_update', 'subscription_cancel', 'subscription_update_confirm'];

const FLOW = shape({
  type: oneOf(...FLOWS, 'subscription_pause', 'subscription_update', 'customer_update'), after_completion: anything,
  subscription_cancel: shape({ subscription: text(), retention: anything }, { required: ['subscription'] }),
  subscription_update_confirm: shape({
    subscription: text(), items: list(shape({ id: text(), price: text(), quantity: text() })), discounts: anything,
  }, { required: ['subscription', 'items'] }),
  subscription_update: anything, subscription_pause: anything, customer_update: anything,
}, { required: ['type'] });

const sessionParameters = request({
  after_expiration: anything, configuration: text(), customer: text(), flow_data: FLOW, locale: text(), on_behalf_of: text(), return_url: url,
}, { required: ['customer'] });

const flowOf = ({ type, after_completion: after, ...given }) => ({
  after_completion: { hosted_confirmation: null, redirect: null, type: 'portal_homepage', ...after },
  subscription_cancel: given.subscription_cancel ? { retention: null, ...given.subscription_cancel } : null,
  subscription_update: given.subscription_update ?? null,
  subscription_update_confirm: given.subscription_update_confirm ? { discounts: null, ...given.subscription_update_confirm } : null, type,
});

export function createPortalSession({ double, params }) {
  const given = sessionParameters(params);
  if (!double.store.get('customer', given.customer)) throw errors.noSuch('customer', given.customer, 'customer');
  const configuration = given.configuration ? find(double, given.configuration) : usual(double);
  checkFlow(double, given);
  const token = `test_${randomText(40)}`;
  const session = fresh('billing_portal.session', {
    id: newId('bps'), configuration: configuration.id, created: double.clock.now(), customer: given.customer,
    flow: given.flow_data ? flowOf(given.flow_data) : null, locale: given.locale ?? null, on_behalf_of: given.on_behalf_of ?? null,
    return_url: given.return_url ?? configuration.default_return_url, url: `${double.options.publicUrl}/p/session/${token}`,
  });
  announce(double, 'billing_portal.session.created', session);
  return double.store.put('portal_session', token, session);
}

function checkFlow(double, { flow_data: flow, customer }) {
  if (!flow) return;
  if (!FLOWS.includes(flow.type)) throw errors.invalid(`The test double does not support the flow ${flow.type}.`, 'flow_data[type]');
  if (flow.type === 'payment_method_update') return;
  const id = flow[flow.type]?.subscription;
  if (id === undefined) throw errors.missing(`flow_data[${flow.type}]`);
  if (double.store.get('subscription', id)?.customer !== customer) {
    throw errors.noSuch('subscription', id, `flow_data[${flow.type}][subscription]`);
  }
}
