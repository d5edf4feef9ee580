//! Money: integers in the currency's minor unit (cents; yen have none). Never floating point.
//! Rates are in basis points (1/10,000).

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// An ISO 4217 code that is known to have an exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(iso_currency::Currency);

impl TS for Currency {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;
    fn name(_: &ts_rs::Config) -> String {
        "string".to_owned()
    }
    fn inline(_: &ts_rs::Config) -> String {
        "string".to_owned()
    }
}

impl utoipa::PartialSchema for Currency {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String).into()
    }
}

impl ToSchema for Currency {}

impl Currency {
    /// Digits behind the decimal point: EUR 2, JPY 0, KWD 3.
    #[must_use]
    pub fn exponent(self) -> u16 {
        self.0.exponent().unwrap_or(0)
    }

    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }
}

impl TryFrom<String> for Currency {
    type Error = String;

    fn try_from(code: String) -> Result<Self, String> {
        iso_currency::Currency::from_code(&code)
            .map(Self)
            .ok_or_else(|| format!("`{code}` is not an ISO 4217 currency code such as EUR"))
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

/// What a restaurant adds to or finds inside its prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Charges {
    /// Tax rate in basis points.
    #[ts(type = "number")]
    pub tax_basis_points: i64,
    /// Whether menu prices contain the tax already.
    pub tax_included: bool,
    /// Service charge in basis points of the subtotal.
    #[ts(type = "number")]
    pub service_basis_points: i64,
}

/// An order's sums, all in minor units. `total` is what the guest pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Totals {
    #[ts(type = "number")]
    pub subtotal: i64,
    #[ts(type = "number")]
    pub service: i64,
    /// Contained in `total`, whether it was added or included.
    #[ts(type = "number")]
    pub tax: i64,
    #[ts(type = "number")]
    pub total: i64,
}

impl Totals {
    /// The sums over what the lines cost.
    #[must_use]
    pub fn of(line_prices: impl Iterator<Item = i64>, charges: &Charges) -> Self {
        let subtotal = line_prices.fold(0i64, i64::saturating_add);
        let service = share(subtotal, charges.service_basis_points, 10_000);
        let base = subtotal.saturating_add(service);
        let (tax, total) = if charges.tax_included {
            (share(base, charges.tax_basis_points, 10_000 + charges.tax_basis_points), base)
        } else {
            let tax = share(base, charges.tax_basis_points, 10_000);
            (tax, base.saturating_add(tax))
        };
        Self { subtotal, service, tax, total }
    }
}

/// `amount * part / whole`, rounded half away from zero.
fn share(amount: i64, part: i64, whole: i64) -> i64 {
    if whole == 0 {
        return 0;
    }
    let product = i128::from(amount) * i128::from(part);
    let half = i128::from(whole) / 2;
    let rounded = if product >= 0 { product + half } else { product - half } / i128::from(whole);
    i64::try_from(rounded).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_are_the_currencys_own() {
        for (code, exponent) in [("EUR", 2), ("JPY", 0), ("KWD", 3)] {
            assert_eq!(Currency::try_from(code.to_owned()).unwrap().exponent(), exponent);
        }
        assert!(Currency::try_from("EURO".to_owned()).is_err());
    }

    #[test]
    fn included_tax_is_taken_out_and_excluded_tax_is_added() {
        let mut charges = Charges { tax_basis_points: 1000, tax_included: true, service_basis_points: 0 };
        let totals = Totals::of([4800].into_iter(), &charges);
        assert_eq!((totals.tax, totals.total), (436, 4800));
        charges.tax_included = false;
        charges.service_basis_points = 500;
        let totals = Totals::of([4800].into_iter(), &charges);
        assert_eq!((totals.service, totals.tax, totals.total), (240, 504, 5544));
    }
}
