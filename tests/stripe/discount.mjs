// Coupons and the promotion codes that carry them.

import { change, currency } from './catalog.mjs';
import { emit } from './event.mjs';
import { errors } from './errors.mjs';
import { newId, randomText } from './ids.mjs';
import { created, equal, listing } from './lists.mjs';
import { fresh } from './objects.mjs';
import { anything, boolean, integer, metadata, number, oneOf, request, shape, text } from './schema.mjs';

const couponParameters = request({
  amount_off: integer({ min: 1 }), applies_to: anything, currency, duration: oneOf('forever', 'once', 'repeating'),
  duration_in_months: integer({ min: 1 }), id: text(), max_redemptions: integer({ min: 1 }), metadata,
  name: text({ max: 40 }), percent_off: number({ min: 0.01, max: 100 }), redeem_by: integer(),
});

const RESTRICTIONS = shape({
  first_time_transaction: boolean, minimum_amount: integer({ min: 1 }), minimum_amount_currency: currency,
});

const promotionParameters = request({
  active: boolean, code: text({ max: 500 }), coupon: text(), customer: text(), expires_at: integer(),
  max_redemptions: integer({ min: 1 }), metadata, restrictions: RESTRICTIONS,
  promotion: shape({ type: oneOf('coupon'), coupon: text() }, { required: ['type'] }),
});

export function createCoupon({ double, params }) {
  const { expand: _, metadata: notes, ...given } = couponParameters(params);
  if (given.amount_off === undefined && given.percent_off === undefined) throw errors.missing('percent_off');
  if (given.amount_off !== undefined && given.percent_off !== undefined) throw errors.onlyOne('amount_off', 'percent_off');
  if (given.amount_off !== undefined && given.currency === undefined) throw errors.missing('currency');
  const id = given.id ?? randomText(8);
  if (double.store.get('coupon', id)) throw errors.coded('resource_already_exists', 'Coupon already exists.', 'id');
  const coupon = fresh('coupon', { ...given, id, created: double.clock.now(), metadata: notes ?? {} });
  double.store.put('coupon', id, coupon);
  emit(double, 'coupon.created', coupon);
  return coupon;
}

export function createPromotionCode({ double, params }) {
  const { expand: _, metadata: notes, coupon: oldStyle, promotion, restrictions, ...given } = promotionParameters(params);
  const param = promotion ? 'promotion[coupon]' : 'coupon';
  const couponId = promotion?.coupon ?? oldStyle;
  if (couponId === undefined) throw errors.missing(promotion ? param : 'promotion');
  if (!double.store.get('coupon', couponId)) throw errors.noSuch('coupon', couponId, param);
  const code = given.code ?? randomText(8).toUpperCase();
  if (activeCode(double, code)) {
    throw errors.invalid('An active promotion code with `code: ' + code + '` already exists.', 'code');
  }
  const promotionCode = fresh('promotion_code', {
    ...given, id: newId('promo'), code, created: double.clock.now(), metadata: notes ?? {},
    promotion: { coupon: couponId, type: 'coupon' },
  });
  Object.assign(promotionCode.restrictions, restrictions);
  double.store.put('promotion_code', promotionCode.id, promotionCode);
  emit(double, 'promotion_code.created', promotionCode);
  return promotionCode;
}

export const updatePromotionCode = change('promotion_code', request({ active: boolean, metadata, restrictions: RESTRICTIONS }));
export const updateCoupon = change('coupon', request({ metadata, name: text({ max: 40 }) }));

export function deleteCoupon({ double, args }) {
  const coupon = double.store.get('coupon', args.id);
  if (!coupon) throw errors.notFound('coupon', args.id);
  double.store.remove('coupon', coupon.id);
  emit(double, 'coupon.deleted', coupon);
  return { id: coupon.id, object: 'coupon', deleted: true };
}

export const listCoupons = listing('coupon', '/v1/coupons', { created });
export const listPromotionCodes = listing('promotion_code', '/v1/promotion_codes', {
  active: equal('active', boolean), code: equal('code'), created, customer: equal('customer'),
});

// Codes are matched without regard to case.
const activeCode = (double, code) => double.store.all('promotion_code')
  .find((promotion) => promotion.active && promotion.code.toLowerCase() === code.toLowerCase());

const used = (object) => object.max_redemptions !== null && object.times_redeemed >= object.max_redemptions;

function couponUsable(double, coupon, money) {
  if (!coupon?.valid || used(coupon)) return false;
  if (coupon.redeem_by !== null && coupon.redeem_by <= double.clock.now()) return false;
  return coupon.amount_off === null || coupon.currency === money;
}

// The promotion code a buyer typed, if it may be used on this session now.
export function usableCode(double, session, code) {
  const promotion = activeCode(double, code.trim());
  if (!promotion || used(promotion)) return null;
  if (promotion.expires_at !== null && promotion.expires_at <= double.clock.now()) return null;
  if (promotion.customer !== null && promotion.customer !== session.customer) return null;
  const { minimum_amount: minimum, minimum_amount_currency: money } = promotion.restrictions;
  if (minimum !== null && (money !== session.currency || session.amount_subtotal < minimum)) return null;
  return couponUsable(double, couponOf(double, { promotion_code: promotion.id }), session.currency) ? promotion : null;
}

export function couponOf(double, discount) {
  if (discount.coupon) return double.store.get('coupon', discount.coupon);
  const promotion = double.store.get('promotion_code', discount.promotion_code);
  return promotion && double.store.get('coupon', promotion.promotion.coupon);
}

// The discounts parameter of a new session.
export function checkDiscounts(double, discounts, money) {
  for (const [i, discount] of discounts.entries()) {
    const at = (name) => `discounts[${i}][${name}]`;
    if (discount.coupon && !double.store.get('coupon', discount.coupon)) {
      throw errors.noSuch('coupon', discount.coupon, at('coupon'));
    }
    if (discount.promotion_code && !double.store.get('promotion_code', discount.promotion_code)) {
      throw errors.noSuch('promotion code', discount.promotion_code, at('promotion_code'));
    }
    if (!couponUsable(double, couponOf(double, discount), money)) {
      throw errors.coded('coupon_expired', 'This coupon has expired or cannot be applied to this session.', at('coupon'));
    }
  }
}

export function discountOf(coupon, subtotal) {
  const off = coupon.amount_off ?? Math.round(subtotal * coupon.percent_off / 100);
  return Math.min(off, subtotal);
}

export function redeem(double, discount) {
  const coupon = couponOf(double, discount);
  coupon.times_redeemed += 1;
  double.store.put('coupon', coupon.id, coupon);
  if (!discount.promotion_code) return;
  const promotion = double.store.get('promotion_code', discount.promotion_code);
  promotion.times_redeemed += 1;
  if (used(promotion)) promotion.active = false;
  double.store.put('promotion_code', promotion.id, promotion);
}
