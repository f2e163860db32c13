//! How much a test does: enough to trust a change in the ordinary run, as much as the project claims in `.ci/full`
//! (`ECST_FULL=1`). And the seed, which is printed, so that a red run can be repeated (`ECST_SEED=…`).

/// The extent of this run.
#[must_use]
pub fn extent(ordinary: usize, full: usize) -> usize {
    if is_full() { full } else { ordinary }
}

/// Whether this run does as much as the project claims.
#[must_use]
pub fn is_full() -> bool {
    std::env::var("ECST_FULL").is_ok_and(|value| value == "1")
}

/// The seed of a test's random choices. What the machine interleaves is not repeated by it.
#[must_use]
pub fn seed(test: &str) -> u64 {
    let seed = given().unwrap_or_else(rand::random);
    println!("{test}: ECST_SEED={seed}");
    seed
}

/// The seeds of so many histories that know nothing of each other; only one when it is given. Each history prints its own
/// when it fails.
#[must_use]
pub fn seeds(test: &str, histories: usize) -> Vec<u64> {
    if let Some(seed) = given() {
        println!("{test}: the one with ECST_SEED={seed}");
        return vec![seed];
    }
    let first: u64 = rand::random();
    println!("{test}: {histories}, each repeated by its ECST_SEED, which are {first} and those that follow");
    (0..histories as u64).map(|n| first.wrapping_add(n)).collect()
}

fn given() -> Option<u64> {
    std::env::var("ECST_SEED").ok().and_then(|text| text.parse().ok())
}
