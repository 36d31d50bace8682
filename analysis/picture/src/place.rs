//! Where things stand that must keep an order and a distance, and would all be somewhere else.
//!
//! Never: changes the order.

/// How far from the corners of a box its lines begin.
pub(crate) const CORNER: f64 = 20.0;

/// Places in order, as near to what is wanted as distances allow: the least squares under `place[n + 1] - place[n] >=
/// apart[n]`. With bounds, all of it stays within them as far as the distances leave room.
pub(crate) fn spread(wanted: &[f64], weight: &[f64], apart: &[f64], bounds: Option<(f64, f64)>) -> Vec<f64> {
    let mut before = vec![0.0; wanted.len()];
    for n in 1..wanted.len() {
        before[n] = before[n - 1] + apart[n - 1];
    }
    // Without the distances what is left is an order: neighbours that stand the wrong way round meet at their mean.
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for n in 0..wanted.len() {
        let mut pool = ((wanted[n] - before[n]) * weight[n], weight[n], 1);
        while let Some(last) = pools.last().copied().filter(|last| last.0 / last.1 >= pool.0 / pool.1) {
            pools.pop();
            pool = (pool.0 + last.0, pool.1 + last.1, pool.2 + last.2);
        }
        pools.push(pool);
    }
    let means = pools.iter().flat_map(|(sum, weight, count)| std::iter::repeat_n(sum / weight, *count));
    let whole = before.last().copied().unwrap_or_default();
    let held = |mean: f64| match bounds {
        Some((least, most)) => mean.min(most - whole).max(least),
        None => mean,
    };
    means.zip(&before).map(|(mean, before)| held(mean) + before).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_room_stands_where_it_would_and_what_has_none_shares() {
        let check = |wanted: &[f64], bounds, expected: &[f64]| {
            let placed = spread(wanted, &vec![1.0; wanted.len()], &vec![10.0; wanted.len()], bounds);
            assert_eq!(placed, expected, "{wanted:?}");
        };
        check(&[0.0, 20.0, 40.0], None, &[0.0, 20.0, 40.0]);
        check(&[20.0, 20.0, 20.0], None, &[10.0, 20.0, 30.0]);
        check(&[40.0, 0.0], None, &[15.0, 25.0]);
        check(&[0.0, 0.0], Some((0.0, 100.0)), &[0.0, 10.0]);
        check(&[100.0, 100.0], Some((0.0, 100.0)), &[90.0, 100.0]);
    }
}
