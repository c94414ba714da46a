//! Distances on the Earth: bounds that are quick to find, and the geodesic where they do not decide.
//!
//! [`DistanceFrom`] maps the ellipsoid WGS84 onto the sphere of Gauss that is true at the latitude φ0 of the
//! point searched around, and measures there by the haversine. The map is conformal; its scale is
//! 1 at φ0 and k(φ) elsewhere, with k' and k'' zero at φ0. A curve of length s on the ellipsoid has a
//! length between s·min k and s·max k on the sphere, and the shortest curves on both lie within the
//! latitudes that so long a curve can reach; hence the geodesic is between the sphere's distance
//! divided by max k and by min k. Where the distance on the sphere is σ radians at most 0.1, and φ0 at
//! most 80° from the equator, |ln k| ≤ e²·(1.02σ)³/2 (a test checks it on a grid; the leading term
//! is a third, not a half). At 100 km that is 14 mm, at 320 km 1.4 m; beyond, distances are geodesics
//! at once. A micrometre is added for rounding.

use geo::{Distance, Geodesic};
use healthcode_r4::Location;

/// The semi-major axis of WGS84, in metres.
const A: f64 = 6_378_137.0;
/// The square of its eccentricity.
const E2: f64 = 0.006_694_379_990_141_317;
/// How far the sphere is used, in radians.
const LOCAL: f64 = 0.1;
/// What rounding can do, in metres.
const ROUNDING: f64 = 1e-6;

/// A point with what does not depend on where it is seen from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    latitude: f64,
    longitude: f64,
    /// The isometric latitude; infinite at the poles.
    isometric: f64,
}

impl Point {
    /// A point by degrees, if there is such a one.
    pub(super) fn new(latitude: f64, longitude: f64) -> Option<Point> {
        let inside = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        inside.then(|| {
            let (sin, e) = (latitude.to_radians().sin(), E2.sqrt());
            Point {
                latitude,
                longitude,
                isometric: sin.atanh() - e * (e * sin).atanh(),
            }
        })
    }

    /// Where a location is.
    pub(super) fn of(location: &Location) -> Option<Point> {
        let position = location.position.as_deref()?;
        let number = |text: &str| text.parse::<f64>().ok();
        let latitude = number(position.latitude.value()?.as_str())?;
        let longitude = number(position.longitude.value()?.as_str())?;
        Point::new(latitude, longitude)
    }

    fn geo(self) -> geo::Point<f64> {
        geo::Point::new(self.longitude, self.latitude)
    }

    /// The geodesic's length in metres, by Karney's algorithm.
    pub(super) fn geodesic(self, other: Point) -> f64 {
        Geodesic.distance(self.geo(), other.geo())
    }
}

/// What a distance is at least and at most, in metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Bounds {
    /// The distance itself.
    pub(super) fn exact(distance: f64) -> Self {
        Bounds {
            least: distance,
            most: distance,
        }
    }
}

/// Distances from one point.
#[derive(Clone, Copy, Debug)]
pub(super) struct DistanceFrom {
    point: Point,
    /// The sphere, unless the point is too near a pole.
    sphere: Option<Sphere>,
}

/// Gauss's sphere that is true at a latitude.
#[derive(Clone, Copy, Debug)]
struct Sphere {
    radius: f64,
    alpha: f64,
    /// The isometric latitude of the point's image, and its hyperbolic cosine.
    isometric: f64,
    cosh: f64,
}

impl Sphere {
    fn at(latitude: f64) -> Self {
        let (sin, cos) = latitude.to_radians().sin_cos();
        let second = E2 / (1.0 - E2);
        let alpha = (1.0 + second * cos.powi(4)).sqrt();
        let isometric = (sin / alpha).atanh();
        Sphere {
            radius: A * (1.0 - E2).sqrt() / (1.0 - E2 * sin * sin),
            alpha,
            isometric,
            cosh: isometric.cosh(),
        }
    }
}

impl DistanceFrom {
    pub(super) fn new(point: Point) -> Self {
        let sphere = (point.latitude.abs() <= 80.0).then(|| Sphere::at(point.latitude));
        DistanceFrom { point, sphere }
    }

    /// The geodesic's length in metres.
    pub(super) fn geodesic(&self, other: Point) -> f64 {
        self.point.geodesic(other)
    }

    /// Bounds of the distance: those of the sphere if it is near, else it is measured.
    pub(super) fn bounds(&self, other: Point) -> Bounds {
        let near = self.sphere.and_then(|sphere| {
            let angle = sphere.angle(self.point, other);
            (angle <= LOCAL).then(|| {
                let distance = sphere.radius * angle;
                let reach = 1.02 * angle;
                let error = 0.5 * E2 * reach * reach * reach;
                Bounds {
                    least: distance * (1.0 - error) - ROUNDING,
                    most: distance * (1.0 + 1.01 * error) + ROUNDING,
                }
            })
        });
        near.unwrap_or_else(|| Bounds::exact(self.geodesic(other)))
    }
}

impl Sphere {
    /// The angle between the images, by the haversine in isometric latitudes.
    fn angle(&self, from: Point, to: Point) -> f64 {
        let north = self.alpha * (to.isometric - from.isometric);
        let mut east = (to.longitude - from.longitude).abs();
        if east > 180.0 {
            east = 360.0 - east;
        }
        let sinh = (north / 2.0).sinh();
        let sin = (self.alpha * east.to_radians() / 2.0).sin();
        let haversine = (sinh * sinh + sin * sin) / (self.cosh * (self.isometric + north).cosh());
        // Also what is no number, near a pole, is far.
        if haversine < 0.01 {
            2.0 * haversine.sqrt().asin()
        } else {
            f64::INFINITY
        }
    }
}

#[cfg(test)]
mod tests;
