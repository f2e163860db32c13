//! What the sample orders are of.

/// Id, title, description, price in US cents; the most popular ones first.
pub(super) const ITEMS: [(&str, &str, &str, u32); 14] = [
    ("espresso-beans", "Espresso beans, 1 kg", "Whole beans, dark roast", 1890),
    ("ceramic-mug", "Ceramic mug, 350 ml", "Stoneware, dishwasher safe", 1250),
    ("green-tea", "Green tea, 100 g", "First flush, loose leaf", 975),
    ("olive-oil", "Olive oil, 750 ml", "Cold pressed", 1525),
    ("sea-salt", "Sea salt, 500 g", "Coarse, hand harvested", 420),
    ("notebook-a5", "Notebook, A5", "Dotted, 192 pages", 780),
    ("beeswax-candle", "Beeswax candle", "Burns for forty hours", 640),
    ("linen-apron", "Linen apron", "With two pockets", 3400),
    ("oak-board", "Cutting board, oak", "40 × 25 cm, oiled", 4200),
    ("fountain-pen", "Fountain pen", "Steel nib, fine", 4800),
    ("cast-iron-pan", "Cast-iron pan, 28 cm", "Seasoned, for every hob", 6450),
    ("desk-lamp", "Desk lamp", "Dimmable, with a long arm", 5990),
    ("wool-blanket", "Wool blanket", "140 × 200 cm", 7900),
    ("chef-knife", "Chef's knife, 20 cm", "Carbon steel", 8995),
];

/// As the API takes it: `12.50`.
pub(super) fn dollars(cents: u32) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_has_two_places() {
        assert_eq!(ITEMS.map(|item| item.3).map(dollars)[..3], ["18.90", "12.50", "9.75"]);
        assert_eq!((dollars(5), dollars(100)), ("0.05".to_owned(), "1.00".to_owned()));
    }
}
