//! What a client takes and what it has already (RFC 9110 §12.5.3, §13.1.2).

use axum::http::{HeaderMap, HeaderName, header};

/// Does the client take this content coding?
pub fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let (mut named, mut others) = (None, false);
    for one in words(headers, header::ACCEPT_ENCODING) {
        let mut parts = one.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.filter_map(|part| part.split_once('=')).find(|(key, _)| key.eq_ignore_ascii_case("q"));
        let wanted = weight.is_none_or(|(_, value)| value.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0));
        if name.eq_ignore_ascii_case(coding) {
            named = Some(wanted);
        } else if name == "*" {
            others = wanted;
        }
    }
    named.unwrap_or(others)
}

/// Does the client hold what this tag names? Tags that differ in weakness alone are the same.
pub fn holds(headers: &HeaderMap, tag: &str) -> bool {
    let bare = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    words(headers, header::IF_NONE_MATCH).any(|held| held == "*" || bare(held) == bare(tag))
}

fn words(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).into_iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn codings_are_taken_as_the_client_weighs_them() {
        for (value, gzip, br) in [
            ("gzip, br", true, true),
            ("GZIP;q=0.5", true, false),
            ("gzip;q=0, br;q=0.1", false, true),
            ("gzip; q=0.000, *", false, true),
            ("*;q=0, gzip", true, false),
            ("gzipped, brotli", false, false),
            ("gzip;q=nonsense", false, false),
            ("", false, false),
        ] {
            let headers = with(header::ACCEPT_ENCODING, value);
            assert_eq!((takes(&headers, "gzip"), takes(&headers, "br")), (gzip, br), "{value}");
        }
        assert!(!takes(&HeaderMap::new(), "gzip"));
    }

    #[test]
    fn a_tag_is_found_in_a_list_and_whether_weak_or_not() {
        for (value, held) in
            [("\"a\"", true), ("W/\"a\"", true), ("\"b\", W/\"a\"", true), ("*", true), ("\"ab\"", false), ("a", false)]
        {
            assert_eq!(holds(&with(header::IF_NONE_MATCH, value), "\"a\""), held, "{value}");
            assert_eq!(holds(&with(header::IF_NONE_MATCH, value), "W/\"a\""), held, "{value}");
        }
    }
}
