//! "Did you mean": the known key that is a few letters away from a misspelt one.

/// More letters than this apart is another word.
const FAR: usize = 3;

/// The nearest of `known`, if it is near.
pub(super) fn nearest<'a>(key: &str, known: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    let (away, nearest) = known.map(|known| (distance(key, known), known)).min()?;
    (away <= FAR).then_some(nearest)
}

/// Levenshtein distance: letters to insert, drop or change.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
