//! Which jobs of a round are played by the same player.

/// Shares jobs out among players, as they come: about as many to each.
pub(super) fn by_count<T>(jobs: Vec<T>, players: usize) -> Vec<Vec<T>> {
    let most = jobs.len().div_ceil(players.max(1)).max(1);
    let mut batches: Vec<Vec<T>> = Vec::new();
    for job in jobs {
        match batches.last_mut().filter(|batch| batch.len() < most) {
            Some(batch) => batch.push(job),
            None => batches.push(vec![job]),
        }
    }
    batches
}

/// The same, where those that come beside each other in a slot go to one player, and slots that are beside each other
/// to several: what is slow is slow in settings that are alike.
pub(super) fn by_slot<T>(
    jobs: Vec<T>,
    players: usize,
    slot_of: impl Fn(&T) -> usize,
) -> Vec<Vec<T>> {
    let mut batches: Vec<Vec<T>> = (0..players.max(1)).map(|_| Vec::new()).collect();
    let mut last: Option<(usize, usize)> = None;
    for job in jobs {
        let slot = slot_of(&job);
        let at = match last {
            Some((same, at)) if same == slot => at,
            _ => fewest(&batches),
        };
        last = Some((slot, at));
        if let Some(batch) = batches.get_mut(at) {
            batch.push(job);
        }
    }
    batches
}

/// The place of the first of the shortest batches.
fn fewest<T>(batches: &[Vec<T>]) -> usize {
    let places = batches.iter().enumerate();
    let shortest = places.min_by_key(|(_, batch)| batch.len());
    shortest.map_or(0, |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_that_are_beside_each_other_go_to_several_players() {
        let jobs: Vec<(usize, char)> = vec![
            (0, 'a'),
            (0, 'b'),
            (1, 'a'),
            (2, 'a'),
            (3, 'a'),
            (4, 'a'),
            (4, 'b'),
        ];
        assert_eq!(
            by_slot(jobs.clone(), 3, |(slot, _)| *slot),
            [
                vec![(0, 'a'), (0, 'b')],
                vec![(1, 'a'), (3, 'a')],
                vec![(2, 'a'), (4, 'a'), (4, 'b')]
            ]
        );
        assert_eq!(
            by_count(jobs, 3),
            [
                vec![(0, 'a'), (0, 'b'), (1, 'a')],
                vec![(2, 'a'), (3, 'a'), (4, 'a')],
                vec![(4, 'b')]
            ]
        );
    }

    #[test]
    fn nothing_is_lost_or_played_twice() {
        for (jobs, players) in [(0, 4), (1, 4), (7, 1), (40, 16), (5, 0)] {
            let all: Vec<usize> = (0..jobs).collect();
            for batches in [
                by_count(all.clone(), players),
                by_slot(all.clone(), players, |job| job / 3),
            ] {
                assert!(batches.len() <= players.max(1));
                let mut played = batches.concat();
                played.sort_unstable();
                assert_eq!(played, all);
            }
        }
    }
}
