//! Rounds in which all contestants take turns.

/// Which of `count` contestants has the turn. Every other round goes backwards, so that nobody
/// always follows the same one.
fn order(round: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |turn| {
        let turn = if round.is_multiple_of(2) {
            turn
        } else {
            count - 1 - turn
        };
        (turn + round * 5) % count
    })
}

/// What `turn` measures of each of `count` contestants in each of so many rounds. One round more
/// comes before them, which only warms up.
///
/// # Errors
/// The first one of a turn.
pub fn figures<E>(
    rounds: usize,
    count: usize,
    mut turn: impl FnMut(usize) -> Result<f64, E>,
) -> Result<Vec<Vec<f64>>, E> {
    let mut figures = vec![Vec::with_capacity(rounds); count];
    for round in 0..=rounds {
        for at in order(round, count) {
            let figure = turn(at)?;
            if round > 0 {
                figures[at].push(figure);
            }
        }
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    #[test]
    fn everybody_has_a_turn_in_every_round() {
        for count in [1, 2, 5, 10, 25] {
            for round in 0..8 {
                let mut turns: Vec<_> = order(round, count).collect();
                turns.sort_unstable();
                assert_eq!(turns, (0..count).collect::<Vec<_>>());
            }
        }
        let before = |round| {
            let turns: Vec<_> = order(round, 7).collect();
            let at = turns.iter().position(|turn| *turn == 3).unwrap();
            turns[(at + 6) % 7]
        };
        assert_ne!(before(0), before(1));
    }

    #[test]
    fn the_first_round_is_not_counted() {
        let mut turns = 0.0;
        let Ok(figures) = figures(3, 2, |at| {
            turns += 1.0;
            Ok::<_, Infallible>(if turns <= 2.0 { -1.0 } else { at as f64 })
        });
        assert_eq!(figures, [vec![0.0; 3], vec![1.0; 3]]);
    }
}
