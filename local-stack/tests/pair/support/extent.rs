//! How much a test does: enough to trust a change in the ordinary run, as much as the project claims in `.ci/full`
//! (`ECST_FULL=1`). And the seed, which is printed, so that a red run can be repeated (`ECST_SEED=…`).

/// The extent of this run.
pub(crate) fn extent(ordinary: usize, full: usize) -> usize {
    if is_full() { full } else { ordinary }
}

pub(crate) fn is_full() -> bool {
    std::env::var("ECST_FULL").is_ok_and(|value| value == "1")
}

/// The seed of a test's random choices. What the machine interleaves is not repeated by it.
pub(crate) fn seed(test: &str) -> u64 {
    let given = std::env::var("ECST_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    println!("{test}: ECST_SEED={seed}");
    seed
}
