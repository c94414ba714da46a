//! Medians, deviations, and verdicts on figures with targets.

use std::fmt;

/// The middle figure, or the mean of the middle two; NaN without figures.
#[must_use]
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

/// A median, and the median of how far the figures are from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The median absolute deviation.
    pub deviation: f64,
}

impl Spread {
    /// Of these figures.
    #[must_use]
    pub fn of(figures: &[f64]) -> Self {
        let middle = median(figures);
        let distances: Vec<f64> = figures
            .iter()
            .map(|figure| (figure - middle).abs())
            .collect();
        Spread {
            median: middle,
            deviation: median(&distances),
        }
    }

    /// Of the ratios of figures that were measured in the same rounds.
    #[must_use]
    pub fn of_ratios(of: &[f64], to: &[f64]) -> Self {
        let ratios: Vec<f64> = of.iter().zip(to).map(|(of, to)| of / to).collect();
        Spread::of(&ratios)
    }
}

/// What is to be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// This much or more.
    AtLeast(f64),
    /// This much or less.
    AtMost(f64),
}

impl Target {
    /// What a measurement is worth.
    #[must_use]
    pub fn verdict(self, measured: Spread) -> Verdict {
        // How much the measurement falls short of the target.
        let (target, short) = match self {
            Target::AtLeast(target) => (target, target - measured.median),
            Target::AtMost(target) => (target, measured.median - target),
        };
        if short <= 0.0 {
            Verdict::Reached
        } else if short <= (target * 0.05).max(3.0 * measured.deviation) {
            Verdict::Close
        } else {
            Verdict::Missed
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::AtLeast(target) => write!(f, ">= {target:.2}"),
            Target::AtMost(target) => write!(f, "<= {target:.2}"),
        }
    }
}

/// How a measurement compares with its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// At least as good.
    Reached,
    /// Short by no more than 5 % of the target, or three deviations if that is more.
    Close,
    /// Short by more.
    Missed,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Reached => "reached",
            Verdict::Close => "close",
            Verdict::Missed => "MISSED",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        for (figures, expect) in [
            (&[3.0][..], 3.0),
            (&[9.0, 1.0, 2.0], 2.0),
            (&[4.0, 1.0, 3.0, 100.0], 3.5),
            (&[2.0, 2.0, 2.0, 2.0], 2.0),
        ] {
            assert_eq!(median(figures), expect, "{figures:?}");
        }
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn deviations() {
        for (figures, median, deviation) in [
            (&[1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0][..], 2.0, 1.0),
            (&[5.0, 5.0, 5.0], 5.0, 0.0),
            // One round that was disturbed changes neither.
            (&[1.0, 1.25, 0.75, 50.0, 1.0], 1.0, 0.25),
        ] {
            assert_eq!(Spread::of(figures), Spread { median, deviation });
        }
        let ratios = Spread::of_ratios(&[2.0, 9.0, 8.0], &[1.0, 3.0, 2.0]);
        assert_eq!((ratios.median, ratios.deviation), (3.0, 1.0));
    }

    #[test]
    fn verdicts() {
        use Target::{AtLeast, AtMost};
        use Verdict::{Close, Missed, Reached};
        for (target, median, deviation, expect) in [
            (AtLeast(2.0), 2.0, 0.0, Reached),
            (AtLeast(2.0), 5.0, 9.0, Reached),
            (AtLeast(2.0), 1.91, 0.0, Close),
            (AtLeast(2.0), 1.89, 0.0, Missed),
            (AtLeast(2.0), 1.75, 0.09, Close),
            (AtLeast(2.0), 1.72, 0.09, Missed),
            (AtMost(3.0), 3.0, 0.0, Reached),
            (AtMost(3.0), 3.12, 0.0, Close),
            (AtMost(3.0), 3.16, 0.0, Missed),
            (AtMost(3.0), 3.29, 0.1, Close),
            (AtLeast(2.0), f64::NAN, 0.0, Missed),
        ] {
            let measured = Spread { median, deviation };
            assert_eq!(
                target.verdict(measured),
                expect,
                "{target} {median} +- {deviation}"
            );
        }
    }
}
