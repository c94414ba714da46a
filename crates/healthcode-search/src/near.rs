//! Places and distances: `near` and its kin.

use crate::issue::QueryError;
use crate::literal::Decimal;
use crate::rules;

/// A point on the Earth, WGS84, in degrees.
///
/// ```
/// use healthcode_search::Position;
/// let london = Position::new(51.5074, -0.1278)?;
/// assert_eq!(london.latitude().as_str(), "51.5074");
/// assert!(Position::new(151.5, 0.0).is_err());
/// # Ok::<(), healthcode_search::QueryError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    latitude: Decimal,
    longitude: Decimal,
}

pub(crate) const POSITION: &str =
    "a latitude from -90 to 90 and a longitude from -180 to 180, in degrees";

impl Position {
    /// A point by latitude and longitude.
    ///
    /// # Errors
    /// If they are not finite or out of range: latitude -90 to 90, longitude -180 to 180.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, QueryError> {
        let wrong = || QueryError::new(&rules::QUERY_VALUE).expected(POSITION);
        let latitude = Decimal::new(latitude).map_err(|_| wrong())?;
        let longitude = Decimal::new(longitude).map_err(|_| wrong())?;
        Position::of(latitude, longitude)
    }

    /// A point whose coordinates keep their text.
    ///
    /// # Errors
    /// If they are out of range.
    pub fn of(latitude: Decimal, longitude: Decimal) -> Result<Self, QueryError> {
        if latitude.is_within(90) && longitude.is_within(180) {
            Ok(Position {
                latitude,
                longitude,
            })
        } else {
            Err(QueryError::new(&rules::QUERY_VALUE).expected(POSITION))
        }
    }

    /// Degrees north.
    #[must_use]
    pub fn latitude(&self) -> &Decimal {
        &self.latitude
    }

    /// Degrees east.
    #[must_use]
    pub fn longitude(&self) -> &Decimal {
        &self.longitude
    }
}

/// x is the longitude, y the latitude.
impl From<&Position> for geo_types::Point<f64> {
    fn from(position: &Position) -> Self {
        geo_types::Point::new(position.longitude.value(), position.latitude.value())
    }
}

/// x is the longitude, y the latitude.
impl TryFrom<geo_types::Point<f64>> for Position {
    type Error = QueryError;

    fn try_from(point: geo_types::Point<f64>) -> Result<Self, QueryError> {
        Position::new(point.y(), point.x())
    }
}

words! {
    /// A unit of distance. Without one, services take kilometres.
    #[non_exhaustive]
    Unit[3] {
        /// `km`.
        Kilometres = "km",
        /// `mi`: statute miles of 1609.344 m.
        Miles = "mi",
        /// `m`.
        Metres = "m",
    }
}

impl Unit {
    /// How many metres it has.
    #[must_use]
    pub fn in_metres(self) -> f64 {
        match self {
            Unit::Kilometres => 1000.0,
            Unit::Miles => 1609.344,
            Unit::Metres => 1.0,
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Unit> {
        Unit::ALL.into_iter().find(|unit| unit.as_str() == text)
    }
}

/// How far away things may be; more than nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Distance {
    number: Decimal,
    unit: Option<Unit>,
}

pub(crate) const DISTANCE: &str = "a positive number of km, mi or m";

impl Distance {
    /// A distance.
    ///
    /// # Errors
    /// If the number is not positive or not finite.
    pub fn new(number: f64, unit: Unit) -> Result<Self, QueryError> {
        let number = Decimal::new(number);
        let number = number.map_err(|_| QueryError::new(&rules::QUERY_VALUE).expected(DISTANCE))?;
        Distance::of(number, Some(unit))
    }

    /// A distance whose number keeps its text; without a unit it is in kilometres.
    ///
    /// # Errors
    /// If the number is not positive.
    pub fn of(number: Decimal, unit: Option<Unit>) -> Result<Self, QueryError> {
        if number.is_positive() {
            Ok(Distance { number, unit })
        } else {
            Err(QueryError::new(&rules::QUERY_VALUE).expected(DISTANCE))
        }
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> &Decimal {
        &self.number
    }

    /// Its unit, if it is written.
    #[must_use]
    pub fn unit(&self) -> Option<Unit> {
        self.unit
    }

    /// It in metres.
    #[must_use]
    pub fn metres(&self) -> f64 {
        let unit = self.unit.unwrap_or(Unit::Kilometres);
        self.number.value() * unit.in_metres()
    }
}

/// Around which point, and how far.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Near {
    /// The point.
    pub position: Position,
    /// How far from it, if it is said here.
    pub distance: Option<Distance>,
}

impl Near {
    /// Reads the parts that a dialect separates by `separator`.
    pub(crate) fn parse(
        text: &str,
        separator: char,
        with_distance: bool,
    ) -> Result<Self, QueryError> {
        // Texts are short: looking at each character beats a search.
        let mut parts = text.split([separator]);
        let mut number = || {
            let part = parts.next().unwrap_or_default();
            Decimal::parse(part)
                .map_err(|_| QueryError::new(&rules::QUERY_VALUE).expected(POSITION))
        };
        let position = Position::of(number()?, number()?)?;
        let distance = match parts.next() {
            Some(number) if with_distance => {
                let wrong = || QueryError::new(&rules::QUERY_VALUE).expected(DISTANCE);
                let number = Decimal::parse(number).map_err(|_| wrong())?;
                let unit = match parts.next() {
                    Some(unit) => Some(Unit::parse(unit).ok_or_else(wrong)?),
                    None => None,
                };
                Some(Distance::of(number, unit)?)
            }
            Some(_) => return Err(QueryError::new(&rules::QUERY_VALUE).expected(POSITION)),
            None => None,
        };
        if parts.next().is_some() {
            return Err(QueryError::new(&rules::QUERY_VALUE).expected(DISTANCE));
        }
        Ok(Near { position, distance })
    }

    /// Reads what people write, whatever the dialect: `53.385225,-2.231105,200mi`, with distance or
    /// without.
    ///
    /// ```
    /// use healthcode_search::{Near, Unit};
    /// let near = Near::from_text("53.385225, -2.231105, 200mi")?;
    /// assert_eq!(near.distance.unwrap().unit(), Some(Unit::Miles));
    /// # Ok::<(), healthcode_search::QueryError>(())
    /// ```
    ///
    /// # Errors
    /// If it is not a point and a distance.
    pub fn from_text(text: &str) -> Result<Self, QueryError> {
        let mut parts: Vec<_> = text.split(',').map(str::trim).collect();
        if let [_, _, distance] = parts[..] {
            let unit = distance.find(|c: char| c.is_ascii_alphabetic());
            let (number, unit) = distance.split_at(unit.unwrap_or(distance.len()));
            parts.pop();
            parts.push(number.trim_end());
            parts.extend((!unit.is_empty()).then_some(unit));
        }
        Near::parse(&parts.join(","), ',', true)
    }

    pub(crate) fn write(&self, separator: char, out: &mut String) {
        out.push_str(self.position.latitude.as_str());
        out.push(separator);
        out.push_str(self.position.longitude.as_str());
        if let Some(distance) = &self.distance {
            out.push(separator);
            out.push_str(distance.number.as_str());
            if let Some(unit) = distance.unit {
                out.push(separator);
                out.push_str(unit.as_str());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let back = |text: &str| {
            let mut out = String::new();
            Near::parse(text, ':', true).map(|near| {
                near.write(':', &mut out);
                out
            })
        };
        for good in [
            "53.385225:-2.231105:200:mi",
            "0:0",
            "-90:180:1",
            "-90.0:179.99999999999999999999:1e-3",
            "9e1:0:0.000001",
            "53.3850:-2.0:4.0:km",
        ] {
            assert_eq!(back(good).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "1",
            "a:b",
            "91:0",
            "0:181",
            "90.0000001:0",
            "-9e1000:0",
            "1e3:0",
            "0:0:0.0e9",
            "0:0:1e-400",
            "0:0:0",
            "0:0:-1",
            "0:0:1:miles",
            "0:0:1:km:x",
            "NaN:0",
            "53.4|-2.2",
        ] {
            assert!(back(bad).is_err(), "{bad}");
        }
        assert!(Position::new(f64::INFINITY, 0.0).is_err());
        let metres = Distance::new(2.0, Unit::Miles).unwrap().metres();
        assert_eq!(metres.to_string(), "3218.688");
        let point = geo_types::Point::new(-2.5, 53.5);
        let position = Position::try_from(point).unwrap();
        assert_eq!(geo_types::Point::from(&position), point);
    }
}
