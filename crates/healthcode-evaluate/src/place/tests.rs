//! Tests of `place.rs`.

use super::*;
use proptest::prelude::*;

/// ln k at a latitude, of the sphere that is true at another.
fn log_scale(true_at: f64, latitude: f64) -> f64 {
    let sphere = Sphere::at(true_at);
    let (from, to) = (
        Point::new(true_at, 0.0).unwrap(),
        Point::new(latitude, 0.0).unwrap(),
    );
    let image = sphere.isometric + sphere.alpha * (to.isometric - from.isometric);
    let (sin, cos) = latitude.to_radians().sin_cos();
    let normal = A / (1.0 - E2 * sin * sin).sqrt();
    (sphere.alpha * sphere.radius / image.cosh() / (normal * cos)).ln()
}

#[test]
fn the_scale_is_as_near_to_one_as_is_said() {
    for at in (-800..=800).map(|tenths| f64::from(tenths) / 10.0) {
        for step in (-102..=102).map(|thousandths| f64::from(thousandths) / 1000.0) {
            let error = log_scale(at, at + step.to_degrees()).abs();
            let bound = 0.5 * E2 * step.abs().powi(3);
            assert!(error <= bound + 1e-14, "{at} {step}: {error} {bound}");
        }
    }
}

/// Published geodesics: those of GeographicLib's tests, and quarters of
/// the meridian and the equator.
#[test]
#[allow(clippy::excessive_precision, reason = "as published")]
fn published_distances() {
    for (from, to, metres, tolerance) in [
        (
            (35.60777, -139.44815),
            (-11.17491, -69.95921),
            8_935_244.560_481_830_5,
            1e-6,
        ),
        (
            (55.52454, 106.05087),
            (77.03196, 197.18234 - 360.0),
            4_105_086.171_392_440_6,
            1e-6,
        ),
        (
            (-21.97856, 142.59065),
            (41.84138, 98.56635),
            8_394_328.894_657_671,
            1e-6,
        ),
        (
            (-66.99028, 112.2363),
            (-12.70631, 285.90344 - 360.0),
            11_150_344.231_208_024_1,
            1e-6,
        ),
        (
            (-17.42761, 173.34268),
            (-15.84784, 5.93557),
            16_076_603.163_118_067_3,
            1e-6,
        ),
        (
            (32.84994, 48.28919),
            (-56.28556, 202.29132 - 360.0),
            16_727_068.943_816_446_1,
            1e-6,
        ),
        (
            (6.96833, 52.74123),
            (-7.39675, 206.17291 - 360.0),
            17_102_477.249_695_838_8,
            1e-6,
        ),
        ((0.0, 0.0), (0.0, 90.0), 10_018_754.171_394_622, 1e-6),
        ((0.0, 0.0), (90.0, 0.0), 10_001_965.729_312_723, 1e-6),
        ((40.6, -73.8), (49.016_666_666_67, 2.55), 5_853_226.0, 0.5),
        ((36.493_49, 0.0), (36.493_49, 0.0), 0.0, 0.0),
    ] {
        let point = |(latitude, longitude)| Point::new(latitude, longitude).unwrap();
        let found = point(from).geodesic(point(to));
        assert!(
            (found - metres).abs() <= tolerance,
            "{from:?} {to:?}: {found}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn geodesics_are_within_their_bounds(
        latitude in -90.0f64..=90.0, longitude in -180.0f64..=180.0,
        north in -7.0f64..=7.0, east in -7.0f64..=7.0, shrink in 0.0f64..6.0,
    ) {
        let shrink = 10f64.powf(-shrink);
        let from = Point::new(latitude, longitude).unwrap();
        let wrapped = (longitude + east * shrink + 540.0) % 360.0 - 180.0;
        let to = Point::new((latitude + north * shrink).clamp(-90.0, 90.0), wrapped).unwrap();
        let bounds = DistanceFrom::new(from).bounds(to);
        let distance = from.geodesic(to);
        prop_assert!(bounds.least <= distance && distance <= bounds.most, "{distance} {bounds:?}");
        prop_assert!(bounds.most - bounds.least <= distance * 1e-5 + 3e-6);
    }
}
