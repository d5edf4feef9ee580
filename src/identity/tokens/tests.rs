//! Tokens: what is signed comes back, and nothing else does.

use super::*;
use proptest::prelude::*;

const NOON: Timestamp = Timestamp(1_769_886_131_000_000);
/// All that a timestamp can hold.
const SECONDS: std::ops::Range<i64> = i64::MIN / 1_000_000..i64::MAX / 1_000_000;
const QUARTER: Duration = Duration::from_secs(15 * 60);

fn key(id: &str, byte: u8) -> NamedKey {
    NamedKey { id: id.into(), secret: vec![byte; 32].into() }
}

fn tokens() -> Tokens {
    Tokens::new(vec![key("new", 1), key("old", 2)])
}

fn waiter() -> Claims {
    let actor = Actor::Staff {
        user: UserId(Uuid::from_u128(7)),
        session: SessionId(Uuid::from_u128(8)),
        role: Role::Waiter,
        name: "Ana \"la Rápida\"".into(),
    };
    Claims {
        restaurant: RestaurantId(Uuid::from_u128(9)),
        slug: "casa-pepe".into(),
        actor,
        issued_at: NOON,
        expires_at: NOON.plus(QUARTER),
    }
}

fn guest() -> Claims {
    let actor = Actor::Guest { guest: GuestId(Uuid::from_u128(1)), seating: SeatingId(Uuid::from_u128(2)) };
    Claims { actor, ..waiter() }
}

/// A token with a header and payload of our choice, honestly signed with the first key.
fn signed(header: &str, payload: &str) -> String {
    let message = format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(payload));
    let tag = SigningKey::new(&key("new", 1)).tag(message.as_bytes());
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(tag))
}

#[test]
fn a_token_says_what_was_put_into_it() {
    let screen = Actor::Screen {
        screen: ScreenId(Uuid::from_u128(3)),
        session: SessionId(Uuid::from_u128(4)),
        name: "Grill left".into(),
    };
    for claims in [waiter(), guest(), Claims { actor: screen, ..waiter() }] {
        assert_eq!(tokens().verify(&tokens().issue(&claims), NOON), Ok(claims));
    }
}

#[test]
fn a_token_for_the_server_itself_opens_nothing() {
    let token = tokens().issue(&Claims { actor: Actor::System, ..waiter() });
    assert_eq!(tokens().verify(&token, NOON), Err(TokenError::Malformed));
}

/// RFC 7515 A.1: the key, the header and payload with their odd line ends, the signature.
#[test]
fn the_signature_is_the_one_of_rfc_7515() {
    let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let secret = BASE64_URL_SAFE_NO_PAD.decode(secret).unwrap();
    let message = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let key = SigningKey::new(&NamedKey { id: "a1".into(), secret: secret.into() });
    let tag = BASE64_URL_SAFE_NO_PAD.encode(key.tag(message.as_bytes()));
    assert_eq!(tag, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

#[test]
fn clocks_may_be_thirty_seconds_apart_and_no_more() {
    let token = tokens().issue(&waiter());
    let last = NOON.plus(QUARTER).plus(SKEW);
    assert!(tokens().verify(&token, last.minus(Duration::from_millis(1))).is_ok());
    assert_eq!(tokens().verify(&token, last), Err(TokenError::Expired));
}

#[test]
fn an_older_key_still_verifies_and_a_removed_one_does_not() {
    let token = Tokens::new(vec![key("old", 2)]).issue(&guest());
    assert!(tokens().verify(&token, NOON).is_ok());
    let without = Tokens::new(vec![key("new", 1)]);
    assert_eq!(without.verify(&token, NOON), Err(TokenError::UnknownKey));
    let same_name = Tokens::new(vec![key("old", 3)]);
    assert_eq!(same_name.verify(&token, NOON), Err(TokenError::BadSignature));
}

#[test]
fn a_token_cannot_choose_how_it_is_checked() {
    let good = tokens().issue(&waiter());
    let payload = BASE64_URL_SAFE_NO_PAD.decode(good.split('.').nth(1).unwrap()).unwrap();
    let payload = std::str::from_utf8(&payload).unwrap();
    assert!(tokens().verify(&signed(r#"{"alg":"HS256","kid":"new"}"#, payload), NOON).is_ok());
    for header in [
        r#"{"alg":"none","kid":"new"}"#,
        r#"{"alg":"HS512","kid":"new"}"#,
        r#"{"alg":"hs256","kid":"new"}"#,
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"HS256","kid":"new","crit":["exp"]}"#,
        r#"{"alg":"HS256","kid":"new","jwk":{}}"#,
        r#"{"alg":"none","alg":"HS256","kid":"new"}"#,
    ] {
        assert_eq!(tokens().verify(&signed(header, payload), NOON), Err(TokenError::Malformed), "{header}");
    }
    let unsigned = format!("{}.", good.rsplit_once('.').unwrap().0);
    assert_eq!(tokens().verify(&unsigned, NOON), Err(TokenError::Malformed));
}

#[test]
fn signed_nonsense_is_refused_without_a_panic() {
    let header = r#"{"alg":"HS256","kid":"new"}"#;
    let whole = |role: &str, exp: &str| {
        let nil = Uuid::nil();
        format!(r#"{{"sub":"{nil}","sid":"{nil}","role":"{role}","rid":"{nil}","slug":"s","iat":0,"exp":{exp}}}"#)
    };
    assert!(tokens().verify(&signed(header, &whole("guest", "9000000000")), NOON).is_ok());
    for payload in
        [whole("cook", "9000000000"), whole("guest", "9223372036854775807"), "{}".into(), "[]".into(), "".into()]
    {
        assert_eq!(tokens().verify(&signed(header, &payload), NOON), Err(TokenError::Malformed), "{payload}");
    }
}

#[test]
fn a_very_long_token_is_refused() {
    let long = Claims { slug: "s".repeat(TOKEN_BYTES), ..guest() };
    assert_eq!(tokens().verify(&tokens().issue(&long), NOON), Err(TokenError::Malformed));
}

#[test]
fn keys_do_not_print() {
    assert_eq!(format!("{:?}", tokens()), r#"["new", "old"]"#);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), at in any::<i64>()) {
        prop_assert!(tokens().verify(&text, Timestamp(at)).is_err());
    }

    #[test]
    fn nothing_that_looks_like_a_token_makes_it_panic(text in "[A-Za-z0-9_=-]{0,80}(\\.[A-Za-z0-9_=-]{0,80}){0,4}") {
        prop_assert!(tokens().verify(&text, NOON).is_err());
    }

    #[test]
    fn a_changed_token_is_refused(at in any::<prop::sample::Index>(), with in any::<char>()) {
        let good: Vec<char> = tokens().issue(&waiter()).chars().collect();
        let mut changed = good.clone();
        changed[at.index(good.len())] = with;
        prop_assume!(changed != good);
        prop_assert!(tokens().verify(&changed.iter().collect::<String>(), NOON).is_err());
    }

    #[test]
    fn a_cut_token_is_refused(at in any::<prop::sample::Index>()) {
        let good = tokens().issue(&waiter());
        prop_assert!(tokens().verify(&good[..at.index(good.len())], NOON).is_err());
    }

    #[test]
    fn any_time_survives_to_the_second(issued in SECONDS, expires in SECONDS, name in any::<String>()) {
        let mut claims = waiter();
        claims.issued_at = Timestamp(issued * 1_000_000);
        claims.expires_at = Timestamp(expires * 1_000_000);
        if let Actor::Staff { name: said, .. } = &mut claims.actor {
            *said = name.chars().take(80).collect();
        }
        prop_assert_eq!(tokens().verify(&tokens().issue(&claims), Timestamp(i64::MIN)), Ok(claims));
    }
}
