//! Twilio's HTTP interface (Messages, https://www.twilio.com/docs/messaging/api/message-resource), by hand: the crate
//! `twilio-rs` sends requests without a body. There is no idempotency key, so a request without an answer is never
//! repeated: the message is looked for instead.

use super::{Content, Doing, Found, Messenger, Outgoing, SendError, Sent, Sought, on_the_way};
use crate::domain::message::Stage;
use crate::domain::order::Channel;
use crate::domain::time::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Clocks differ: a message may seem older than the request that made it.
const SKEW: Duration = Duration::from_secs(30);
/// Messages to one number that are looked through.
const LISTED: usize = 50;

/// An account.
#[derive(Clone)]
pub struct Account {
    /// Without a slash at the end.
    pub api_url: String,
    pub sid: String,
    pub token: SecretString,
    /// E.164; empty: there is none.
    pub sms_from: String,
    pub whatsapp_from: String,
    /// A messaging service sends instead of a number, if there is one.
    pub service: String,
    /// Whatever takes longer is unknown.
    pub answer: Duration,
}

pub struct Twilio {
    account: Account,
    http: reqwest::Client,
}

/// What Twilio says of a message. The status is a text: Twilio adds words.
#[derive(Deserialize)]
struct Told {
    sid: String,
    status: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    date_created: Option<String>,
    #[serde(default)]
    direction: Option<String>,
    #[serde(default)]
    error_code: Option<u32>,
}

#[derive(Deserialize)]
struct Listed {
    messages: Vec<Told>,
}

#[derive(Deserialize)]
struct Refused {
    code: Option<u32>,
}

impl Twilio {
    /// # Errors
    /// When there is no TLS.
    pub fn new(account: Account) -> Result<Self, reqwest::Error> {
        Ok(Self { http: super::client(account.answer).build()?, account })
    }

    /// Is there something to send from on this channel?
    #[must_use]
    pub fn carries(&self, channel: Channel) -> bool {
        match channel {
            Channel::Sms => !self.account.sms_from.is_empty() || !self.account.service.is_empty(),
            Channel::Whatsapp => !self.account.whatsapp_from.is_empty(),
            Channel::Push | Channel::Email => false,
        }
    }

    /// Does a request to one of our hooks come from Twilio (https://www.twilio.com/docs/usage/security)? The URL is
    /// the one that Twilio was given, whatever proxies made of it.
    #[must_use]
    pub fn is_signed(&self, url: &str, form: &[(String, String)], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        let mut sorted: Vec<_> = form.iter().collect();
        sorted.sort();
        let mut text = url.to_owned();
        for (name, value) in sorted {
            text.push_str(name);
            text.push_str(value);
        }
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.account.token.expose_secret().as_bytes());
        hmac::verify(&key, text.as_bytes(), &signature).is_ok()
    }

    fn messages(&self) -> String {
        format!("{}/2010-04-01/Accounts/{}/Messages", self.account.api_url, self.account.sid)
    }

    fn form(&self, message: &Outgoing) -> Vec<(&'static str, String)> {
        let account = &self.account;
        let mut form = vec![("To", addressed(message.channel, &message.to))];
        if message.channel == Channel::Sms && !account.service.is_empty() {
            form.push(("MessagingServiceSid", account.service.clone()));
        } else {
            let from = if message.channel == Channel::Sms { &account.sms_from } else { &account.whatsapp_from };
            form.push(("From", addressed(message.channel, from)));
        }
        match &message.content {
            Content::Text { body, .. } => form.push(("Body", body.clone())),
            Content::Template { sid, gaps, .. } => {
                let gaps: serde_json::Map<_, _> =
                    (1..).zip(gaps).map(|(n, gap): (i32, _)| (n.to_string(), gap.clone().into())).collect();
                form.push(("ContentSid", sid.clone()));
                form.push(("ContentVariables", serde_json::Value::from(gaps).to_string()));
            }
        }
        form.extend(message.callback.clone().map(|url| ("StatusCallback", url)));
        // How long Twilio may keep it in its own queue (1 to 36,000 s).
        form.push(("ValidityPeriod", message.lasts.as_secs().clamp(1, 36_000).to_string()));
        form
    }

    async fn answer<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, SendError> {
        let request = request.basic_auth(&self.account.sid, Some(self.account.token.expose_secret()));
        let mut response = request.send().await.map_err(|error| on_the_way(&error))?;
        let status = response.status();
        let wait = response.headers().get(reqwest::header::RETRY_AFTER);
        let retry_after = wait.and_then(|v| v.to_str().ok()?.parse().ok()).map(Duration::from_secs);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| SendError::Unknown("half an answer"))? {
            body.extend_from_slice(&chunk);
            if body.len() > super::ANSWER_BYTES {
                return Err(SendError::Unknown("too long an answer"));
            }
        }
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|_| SendError::Unknown("an answer that makes no sense"));
        }
        Err(refused(status.as_u16(), serde_json::from_slice::<Refused>(&body).ok().and_then(|r| r.code), retry_after))
    }

    async fn look(&self, sought: &Sought) -> Result<Found, SendError> {
        if let Some(id) = &sought.id {
            let one: Told = self.answer(self.http.get(format!("{}/{id}.json", self.messages()))).await?;
            return Ok(Found::Sent(one.sent()));
        }
        let since = sought.since.minus(SKEW);
        let day = since.to_string().chars().take(10).collect::<String>();
        let to = addressed(sought.channel, &sought.to);
        let query = [("To", to.as_str()), ("DateSent>", &day), ("PageSize", &LISTED.to_string())];
        let list: Listed = self.answer(self.http.get(format!("{}.json", self.messages())).query(&query)).await?;
        Ok(found(list.messages, sought, since))
    }
}

/// `whatsapp:+34600111222`
fn addressed(channel: Channel, number: &str) -> String {
    if channel == Channel::Whatsapp { format!("whatsapp:{number}") } else { number.to_owned() }
}

/// The one of a number's messages that is sought: by its very text, or as an approved text by its marks, if no other one
/// has them.
fn found(listed: Vec<Told>, sought: &Sought, since: Timestamp) -> Found {
    let all = listed.len() < LISTED;
    let mut like: Vec<Told> = listed.into_iter().filter(|told| told.is_like(sought, since)).collect();
    let exact = like.iter().position(|told| told.body.as_deref() == Some(&*sought.body));
    if let Some(at) = exact {
        return Found::Sent(like.swap_remove(at).sent());
    }
    match like.pop() {
        None if all => Found::Absent,
        Some(one) if like.is_empty() && sought.approved && sought.alone => Found::Sent(one.sent()),
        Some(_) | None => Found::Unsure,
    }
}

/// A refusal that Twilio itself wrote has a code, and then nothing was sent. What only a proxy says may have come
/// after Twilio took the message.
fn refused(status: u16, code: Option<u32>, retry_after: Option<Duration>) -> SendError {
    match (status, code) {
        (500 | 502 | 504, None) => SendError::Unknown("an error of the provider"),
        (status, code) => SendError::Api {
            status,
            code: code.map_or_else(|| status.to_string(), |code| code.to_string()),
            // 401 and 403 are the operator's to mend, not the message's fault.
            permanent: (400..500).contains(&status) && ![401, 403, 408, 409, 425, 429].contains(&status),
            retry_after,
        },
    }
}

/// What a status word means to us.
#[must_use]
pub fn stage_of(status: &str) -> Stage {
    match status {
        "delivered" => Stage::Delivered,
        "read" => Stage::Read,
        "failed" | "undelivered" | "canceled" => Stage::Failed,
        // accepted, scheduled, queued, sending, sent, and what is still to be invented.
        _ => Stage::Sent,
    }
}

impl Told {
    fn sent(self) -> Sent {
        Sent { stage: stage_of(&self.status), id: Some(self.sid), error: self.error_code.map(|code| code.to_string()) }
    }

    /// Could it be the one that is sought? Twilio changes letters of some texts, so the marks decide.
    fn is_like(&self, sought: &Sought, since: Timestamp) -> bool {
        let ours = self.direction.as_deref().is_none_or(|d| d.starts_with("outbound"));
        let text = self.body.as_deref().unwrap_or_default();
        let marked = text == sought.body || sought.marks.iter().all(|mark| has(text, mark));
        let at = self.date_created.as_deref().and_then(|at| jiff::fmt::rfc2822::parse(at).ok());
        let fresh = at.is_none_or(|at| at.timestamp().as_microsecond() >= since.0);
        ours && marked && fresh && !sought.others.contains(&self.sid)
    }
}

/// The mark, and not the beginning of a longer one.
fn has(text: &str, mark: &str) -> bool {
    let digit = |rest: &str| rest.chars().next().is_some_and(|c| c.is_ascii_digit());
    text.match_indices(mark).any(|(at, found)| !digit(&text[at + found.len()..]))
}

impl Messenger for Twilio {
    fn send<'a>(&'a self, message: &'a Outgoing) -> Doing<'a, Sent> {
        Box::pin(async move {
            let request = self.http.post(format!("{}.json", self.messages())).form(&self.form(message));
            Ok(self.answer::<Told>(request).await?.sent())
        })
    }

    fn find<'a>(&'a self, sought: &'a Sought) -> Doing<'a, Found> {
        Box::pin(self.look(sought))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twilio(token: &str) -> Twilio {
        drop(rustls::crypto::ring::default_provider().install_default());
        let text = |text: &str| text.to_owned();
        let account = Account {
            api_url: text("https://api.twilio.com"),
            sid: text("AC1"),
            token: token.into(),
            sms_from: text("+12349013030"),
            whatsapp_from: String::new(),
            service: String::new(),
            answer: Duration::from_secs(1),
        };
        Twilio::new(account).unwrap()
    }

    /// The example of https://www.twilio.com/docs/usage/security.
    #[test]
    fn the_documented_signature_is_good_and_any_other_is_not() {
        let form = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+12349013030"),
            ("Digits", "1234"),
            ("From", "+12349013030"),
            ("To", "+18005551212"),
        ];
        let form: Vec<_> = form.iter().rev().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        let signature = "0/KCTR6DLpKmkAf8muzZqo1nDgQ=";
        assert!(twilio("12345").is_signed(url, &form, signature));
        assert!(!twilio("12346").is_signed(url, &form, signature));
        assert!(!twilio("12345").is_signed("https://mycompany.com/myapp.php", &form, signature));
        assert!(!twilio("12345").is_signed(url, &form[1..], signature));
        assert!(!twilio("12345").is_signed(url, &form, "not base64"));
    }

    #[test]
    fn a_message_is_found_by_its_text_or_its_marks_and_taken_for_no_other() {
        let told = |sid: &str, body: &str| Told {
            sid: sid.to_owned(),
            status: "sent".to_owned(),
            body: Some(body.to_owned()),
            date_created: Some("Sat, 31 Jan 2026 19:02:11 +0000".to_owned()),
            direction: Some("outbound-api".to_owned()),
            error_code: None,
        };
        let sought = Sought {
            id: None,
            channel: Channel::Sms,
            to: "+34600111222".to_owned(),
            since: Timestamp(0),
            body: "Olive: order #4 is ready.".to_owned(),
            approved: false,
            marks: vec!["Olive".to_owned(), "#4".to_owned()],
            others: vec!["SM1".to_owned()],
            alone: true,
        };
        let look = |sought: &Sought, told: Vec<Told>| match found(told, sought, Timestamp(0)) {
            Found::Sent(sent) => sent.id.unwrap(),
            Found::Absent => "absent".to_owned(),
            Found::Unsure => "unsure".to_owned(),
        };
        let accepted = || told("SM1", "Olive: order #4 is being prepared.");
        let other = || told("SM2", "Olive: order #42 is ready.");
        let it = || told("SM3", "Olive: order #4 is ready.");
        assert_eq!(look(&sought, vec![accepted(), other(), it()]), "SM3");
        assert_eq!(look(&sought, vec![accepted(), other()]), "absent");
        // Its letters were changed on the way: it may be this one.
        let changed = || told("SM4", "Olive: 0rder #4 is ready.");
        assert_eq!(look(&sought, vec![changed()]), "unsure");
        let approved = Sought { approved: true, ..sought.clone() };
        assert_eq!(look(&approved, vec![accepted(), changed()]), "SM4");
        let crowded = Sought { alone: false, ..approved };
        assert_eq!(look(&crowded, vec![changed()]), "unsure");
        assert_eq!(look(&sought, vec![Told { direction: Some("inbound".to_owned()), ..it() }]), "absent");
        let later = Timestamp(1_800_000_000_000_000);
        assert_eq!(found(vec![it()], &sought, later), Found::Absent);
        // There may be more of them than were listed.
        assert_eq!(look(&sought, (0..LISTED).map(|_| other()).collect()), "unsure");
    }

    #[test]
    fn only_what_cannot_have_been_taken_is_tried_again() {
        let api = |status, code, permanent| {
            assert!(
                matches!(refused(status, code, None), SendError::Api { permanent: p, .. } if p == permanent),
                "{status} {code:?}"
            );
        };
        api(400, Some(21211), true);
        api(429, Some(20429), false);
        api(401, Some(20003), false);
        api(503, None, false);
        api(500, Some(20500), false);
        assert!(matches!(refused(502, None, None), SendError::Unknown(_)));
    }
}
