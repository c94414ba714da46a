//! The documented requests, built and encoded; and the registry of rules.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use healthcode_search::{
    Decimal, Distance, Near, Order, Position, PractitionerRoleSearch, PractitionerSearch, Unit,
};

fn practitioner() -> PractitionerSearch {
    PractitionerSearch::new()
        .page(1)
        .count(1)
        .gender("male")
        .profession("00U")
        .specialty("0003A")
        .subspecialty("0000L")
        .insurer_recognition_status("Y")
        .insurer_provider_number("984572186")
        .insurer("nuh")
        .address_postalcode("W1H 3DA")
        .family("Clinton")
        .given("Warren")
        .is_onlinebooking_available(false)
        .regulator_reference("1234567")
}

fn role() -> PractitionerRoleSearch {
    PractitionerRoleSearch::new()
        .practitioner("SP09000")
        .location("HP005000")
        .ages_treated("C0")
        .near(Near {
            position: Position::new(53.385225, -2.231105).unwrap(),
            distance: Some(Distance::new(200.0, Unit::Miles).unwrap()),
        })
        .near_distance(Decimal::parse("4").unwrap())
        .address_postalcode("W1H 3DA")
        .specialty("0003A")
        .subspecialty("0000L")
        .is_onlinebooking_available(false)
        .insurer("nuh")
        .profession("00U")
        .gender("male")
        .family("Clinton")
        .given("Warren")
        .sort(("distance", Order::Descending))
        .include(&["practitioner", "location"])
}

#[test]
fn built() {
    let practitioner = practitioner().build().unwrap().encode().unwrap();
    insta::assert_snapshot!(
        "practitioner",
        practitioner.curl(&practitioner.placeholder())
    );
    let role = role().build().unwrap();
    let issues: Vec<_> = role.check().iter().map(ToString::to_string).collect();
    let role = role.encode().unwrap();
    let curl = role.curl(&role.placeholder());
    insta::assert_snapshot!(
        "practitioner_role",
        format!("{curl}\n\n{}", issues.join("\n"))
    );
}
