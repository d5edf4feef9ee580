//! Money is whole numbers, and its sums are those of exact arithmetic, rounded once.

use super::making::{cases, charges};
use comanda::domain::money::{Charges, Currency, Totals};
use proptest::collection::vec;
use proptest::prelude::*;

/// Is `rounded` the whole number nearest to `part * amount / whole`, the larger one of two?
fn is_nearest(rounded: i64, amount: i64, part: i64, whole: i64) -> bool {
    let exact = i128::from(amount) * i128::from(part);
    let off = 2 * (i128::from(rounded) * i128::from(whole) - exact);
    -i128::from(whole) < off && off <= i128::from(whole)
}

fn holds_together(totals: &Totals, charges: &Charges) -> Result<(), TestCaseError> {
    let Charges { tax_basis_points: tax, tax_included, service_basis_points: service } = *charges;
    prop_assert!(is_nearest(totals.service, totals.subtotal, service, 10_000));
    let base = totals.subtotal + totals.service;
    if tax_included {
        prop_assert_eq!(totals.total, base);
        prop_assert!(is_nearest(totals.tax, base, tax, 10_000 + tax));
    } else {
        prop_assert_eq!(totals.total, base + totals.tax);
        prop_assert!(is_nearest(totals.tax, base, tax, 10_000));
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(1024))]

    #[test]
    fn totals_are_the_exact_sums_rounded_half_up(prices in vec(0i64..=5_000_000, 0..61), charges in charges()) {
        let totals = Totals::of(prices.iter().copied(), &charges);
        prop_assert_eq!(totals.subtotal, prices.iter().sum::<i64>());
        holds_together(&totals, &charges)?;
    }

    #[test]
    fn nothing_costs_nothing(charges in charges()) {
        prop_assert_eq!(Totals::of(std::iter::empty(), &charges), Totals::default());
    }

    #[test]
    fn the_order_of_lines_makes_no_difference(
        prices in vec(0i64..=5_000_000, 0..20).prop_shuffle(), charges in charges(),
    ) {
        let sorted = { let mut sorted = prices.clone(); sorted.sort_unstable(); sorted };
        prop_assert_eq!(Totals::of(prices.into_iter(), &charges), Totals::of(sorted.into_iter(), &charges));
    }

    #[test]
    fn one_more_dish_never_makes_it_cheaper(
        prices in vec(0i64..=5_000_000, 0..20), more in 0i64..=5_000_000, charges in charges(),
    ) {
        let before = Totals::of(prices.iter().copied(), &charges);
        let after = Totals::of(prices.into_iter().chain([more]), &charges);
        prop_assert!(after.total >= before.total && after.tax >= before.tax && after.service >= before.service);
    }

    /// Prices that no restaurant has: saturated sums, and no panic.
    #[test]
    fn no_price_makes_it_panic(prices in vec(any::<i64>(), 0..61), charges in charges()) {
        std::hint::black_box(Totals::of(prices.into_iter(), &charges));
    }

    #[test]
    fn a_currency_is_what_iso_4217_lists(code in "[A-Za-z]{0,5}") {
        if let Ok(currency) = Currency::try_from(code.clone()) {
            prop_assert_eq!(currency.code(), code);
            prop_assert!(currency.exponent() <= 4);
        }
    }
}
