//! `Accept` (RFC 9110, section 12.5.1), where an operation has more than one representation.

use actix_web::http::header::{self, HeaderMap};

use super::header::combined;

/// Which of the offered media types the client likes best; the first when it has no opinion, likes several equally, or
/// likes none (an answer it did not ask for helps more than 406).
pub fn preferred<'a>(headers: &HeaderMap, offered: &[&'a str]) -> &'a str {
    let accept = combined(headers, &header::ACCEPT).ok().flatten().unwrap_or_default();
    let mut best = (offered.first().copied().unwrap_or_default(), 0);
    for media_type in offered {
        let quality = quality(&accept, media_type);
        if quality > best.1 {
            best = (media_type, quality);
        }
    }
    best.0
}

/// How much a media type is liked, in thousandths; the most specific range that covers it decides.
fn quality(accept: &str, media_type: &str) -> u32 {
    let family = media_type.split_once('/').map_or(media_type, |(family, _)| family);
    let ranges = [media_type.to_owned(), format!("{family}/*"), "*/*".to_owned()];
    ranges.iter().find_map(|range| quality_of_range(accept, range)).unwrap_or(0)
}

fn quality_of_range(accept: &str, range: &str) -> Option<u32> {
    accept.split(',').find_map(|element| {
        let mut parts = element.split(';').map(str::trim);
        let named = parts.next().is_some_and(|given| given.eq_ignore_ascii_case(range));
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        named.then(|| weight.map_or(1000, thousandths))
    })
}

fn thousandths(weight: &str) -> u32 {
    let quality: f64 = weight.trim().parse().unwrap_or(0.0);
    // A cast of what is no number gives 0, which is what such a weight deserves.
    (quality.clamp(0.0, 1.0) * 1000.0).round() as u32
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn choice(accept: Option<&str>) -> &'static str {
        let mut headers = HeaderMap::new();
        if let Some(accept) = accept {
            headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
        }
        preferred(&headers, &["text/plain", "application/json"])
    }

    #[test]
    fn the_first_is_given_unless_another_is_liked_better() {
        assert_eq!(choice(None), "text/plain");
        let indifferent = ["", "*/*", "image/png", "text/*, application/json", "application/json, text/plain, */*"];
        for accept in indifferent {
            assert_eq!(choice(Some(accept)), "text/plain", "{accept}");
        }
        let json = [
            "application/json",
            "Application/JSON; charset=utf-8",
            "text/plain;q=0.5, application/json;q=0.9",
            "*/*;q=0.1, application/*",
        ];
        for accept in json {
            assert_eq!(choice(Some(accept)), "application/json", "{accept}");
        }
    }
}
