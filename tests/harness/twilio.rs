//! A server that speaks Twilio's documented interface (Messages: create, fetch, list; status callbacks; signatures) on
//! loopback, with its errors and its silences. It remembers what it took, as Twilio does, so that a test can ask what
//! really went out.

use super::dice::Dice;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use comanda::clock::Clock;
use ring::hmac;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub const SID: &str = "AC00000000000000000000000000000001";
pub const TOKEN: &str = "a-token-for-tests";
pub const SMS: &str = "+15005550006";
pub const WHATSAPP: &str = "+14155238886";

/// What it does with a message that is to be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// 201.
    Takes,
    /// 400 with a code, such as 21211.
    Refuses(u32),
    /// 429 with Retry-After.
    Limits,
    /// 500 with a code of its own, and it took nothing.
    Breaks,
    /// 502 that only a proxy wrote, and it took it.
    TakesAndBreaks,
    /// Says nothing, and took nothing.
    Sleeps,
    /// Says nothing, and took it.
    TakesAndSleeps,
}

/// A request that has no answer yet; however it ends, it is counted no more then.
struct UnderWay(Arc<AtomicUsize>);

impl UnderWay {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// A message that it took.
#[derive(Clone, Debug)]
pub struct Taken {
    pub sid: String,
    pub to: String,
    pub form: BTreeMap<String, String>,
    pub status: String,
    pub at: jiff::Timestamp,
}

impl Taken {
    pub fn is_whatsapp(&self) -> bool {
        self.to.starts_with("whatsapp:")
    }

    /// The text as the telephone shows it.
    pub fn text(&self) -> String {
        match self.form.get("Body") {
            Some(body) => body.clone(),
            None => format!("Template {}: {}", self.form["ContentSid"], self.form["ContentVariables"]),
        }
    }
}

/// A request to create a message.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The callback that it named; each message has its own.
    pub callback: String,
    pub mood: Mood,
    /// Of the message, if it was taken.
    pub sid: Option<String>,
}

#[derive(Default)]
struct Inner {
    taken: Vec<Taken>,
    asked: Vec<Asked>,
    moods: VecDeque<Mood>,
    always: Option<Mood>,
    /// What comes by chance, where nothing else was said.
    chance: Option<(Dice, Vec<Mood>)>,
}

#[derive(Clone)]
pub struct Twilio {
    pub base: String,
    inner: Arc<Mutex<Inner>>,
    begun: Arc<AtomicUsize>,
    client: reqwest::Client,
    clock: Clock,
}

impl Twilio {
    pub async fn start(clock: Clock) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let me = Self { base, inner: Arc::default(), begun: Arc::default(), client: super::server::client(), clock };
        let router = Router::new()
            .route("/2010-04-01/Accounts/{sid}/Messages.json", post(create).get(list))
            .route("/2010-04-01/Accounts/{sid}/Messages/{file}", get(fetch))
            .with_state(me.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        me
    }

    /// Lines of the settings that lead here. `whatsapp`: also by WhatsApp.
    pub fn settings(&self, whatsapp: bool) -> String {
        let from = if whatsapp { WHATSAPP } else { "" };
        format!(
            "[twilio]\naccount_sid = \"{SID}\"\nauth_token = \"{TOKEN}\"\napi_url = \"{}\"\nsms_from = \"{SMS}\"\n\
             whatsapp_from = \"{from}\"\nwhatsapp_templates = [\"accepted.en:HXaccepted\", \"ready.en:HXready\"]\n",
            self.base
        )
    }

    /// The next messages are met with these moods, those after them are taken.
    pub fn will(&self, moods: &[Mood]) {
        self.inner.lock().unwrap().moods.extend(moods);
    }

    /// From here on, where nothing else was said.
    pub fn always(&self, mood: Mood) {
        self.inner.lock().unwrap().always = Some(mood);
    }

    /// From here on one of these by chance, where nothing else was said.
    pub fn by_chance(&self, dice: Dice, moods: &[Mood]) {
        self.inner.lock().unwrap().chance = Some((dice, moods.to_vec()));
    }

    /// Every request to create a message, whatever became of it.
    pub fn log(&self) -> Vec<Asked> {
        self.inner.lock().unwrap().asked.clone()
    }

    /// Requests to create a message that have no answer yet.
    pub fn under_way(&self) -> usize {
        self.begun.load(SeqCst)
    }

    /// What became of a message, for whoever asks.
    pub fn becomes(&self, sid: &str, status: &str) {
        let mut inner = self.inner.lock().unwrap();
        inner.taken.iter_mut().find(|taken| taken.sid == sid).expect("a message of that sid").status =
            status.to_owned();
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.inner.lock().unwrap().taken.clone()
    }

    /// Requests to create a message, whatever became of them.
    pub fn asked(&self) -> u64 {
        self.inner.lock().unwrap().asked.len() as u64
    }

    /// Waits until it has taken so many.
    pub async fn took(&self, count: usize) -> Vec<Taken> {
        let deadline = Instant::now() + super::SOON * 2;
        loop {
            let taken = self.taken();
            if taken.len() >= count {
                return taken;
            }
            assert!(Instant::now() < deadline, "{} of {count} messages: {taken:#?}", taken.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Tells by the callback that the message named, signed as Twilio signs.
    pub async fn tells(&self, sid: &str, status: &str) -> StatusCode {
        self.becomes(sid, status);
        let url =
            self.taken().iter().find(|taken| taken.sid == sid).expect("it is there").form["StatusCallback"].clone();
        self.posts(&url, &[("MessageSid", sid), ("MessageStatus", status), ("AccountSid", SID)], TOKEN).await.0
    }

    /// A signed request to a hook; with a wrong token it is forged.
    pub async fn posts(&self, url: &str, form: &[(&str, &str)], token: &str) -> (StatusCode, String) {
        let answer = self.signed(url, form, token, url).await.expect("the hook answers");
        (answer.status(), answer.text().await.expect("a text"))
    }

    /// The same, signed for `url`, but sent to where a proxy would send it.
    pub async fn signed(
        &self,
        url: &str,
        form: &[(&str, &str)],
        token: &str,
        to: &str,
    ) -> reqwest::Result<reqwest::Response> {
        let mut sorted = form.to_vec();
        sorted.sort_unstable();
        let text = sorted.iter().fold(url.to_owned(), |text, (name, value)| text + name + value);
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
        let signature = STANDARD.encode(hmac::sign(&key, text.as_bytes()));
        self.client.post(to).header("x-twilio-signature", signature).form(form).send().await
    }
}

fn resource(taken: &Taken) -> Value {
    json!({
        "sid": taken.sid, "account_sid": SID, "to": taken.to, "from": taken.form.get("From"), "body": taken.text(),
        "status": taken.status, "direction": "outbound-api", "error_code": null,
        "date_created": jiff::fmt::rfc2822::to_string(&taken.at.to_zoned(jiff::tz::TimeZone::UTC)).expect("a date"),
    })
}

fn refusal(status: StatusCode, code: u32) -> Response {
    let body = json!({ "code": code, "message": "as documented", "status": status.as_u16(), "more_info": "" });
    (status, Json(body)).into_response()
}

fn is_known(headers: &HeaderMap) -> bool {
    let expected = format!("Basic {}", STANDARD.encode(format!("{SID}:{TOKEN}")));
    headers.get("authorization").is_some_and(|found| found.as_bytes() == expected.as_bytes())
}

async fn create(
    State(twilio): State<Twilio>,
    Path(account): Path<String>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response {
    if account != SID || !is_known(&headers) {
        return refusal(StatusCode::UNAUTHORIZED, 20003);
    }
    let mood = {
        let mut inner = twilio.inner.lock().unwrap();
        let chance = inner.chance.as_mut().and_then(|(dice, moods)| dice.pick(moods).copied());
        let always = inner.always.or(chance).unwrap_or(Mood::Takes);
        inner.moods.pop_front().unwrap_or(always)
    };
    let takes = matches!(mood, Mood::Takes | Mood::TakesAndSleeps | Mood::TakesAndBreaks);
    let whole = form.contains_key("To") && (form.contains_key("Body") || form.contains_key("ContentSid"));
    if takes && !whole {
        return refusal(StatusCode::BAD_REQUEST, 21602);
    }
    let _under_way = UnderWay::new(&twilio.begun);
    let callback = form.get("StatusCallback").cloned().unwrap_or_default();
    let taken = takes.then(|| twilio.keep(form));
    let sid = taken.as_ref().map(|taken| taken.sid.clone());
    twilio.inner.lock().unwrap().asked.push(Asked { callback, mood, sid });
    match (mood, taken) {
        (Mood::Takes, Some(taken)) => (StatusCode::CREATED, Json(resource(&taken))).into_response(),
        (Mood::Refuses(code), _) => refusal(StatusCode::BAD_REQUEST, code),
        (Mood::Limits, _) => {
            let mut response = refusal(StatusCode::TOO_MANY_REQUESTS, 20429);
            response.headers_mut().insert("retry-after", "1".parse().unwrap());
            response
        }
        (Mood::TakesAndBreaks, _) => (StatusCode::BAD_GATEWAY, "<html>Bad gateway</html>").into_response(),
        (Mood::Breaks, _) => refusal(StatusCode::INTERNAL_SERVER_ERROR, 20500),
        _ => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
    }
}

impl Twilio {
    fn keep(&self, form: BTreeMap<String, String>) -> Taken {
        let mut inner = self.inner.lock().unwrap();
        let sid = format!("SM{:032}", inner.taken.len() + 1);
        let to = form["To"].clone();
        let taken = Taken {
            sid,
            to,
            form,
            status: "queued".to_owned(),
            at: jiff::Timestamp::from_microsecond(self.clock.now().0).expect("a time"),
        };
        inner.taken.push(taken.clone());
        taken
    }
}

async fn list(
    State(twilio): State<Twilio>,
    headers: HeaderMap,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    if !is_known(&headers) {
        return refusal(StatusCode::UNAUTHORIZED, 20003);
    }
    let day = |taken: &Taken| taken.at.to_string().chars().take(10).collect::<String>();
    let since = query.get("DateSent>").cloned().unwrap_or_default();
    let found = twilio.taken().into_iter().rev().filter(|taken| query.get("To").is_none_or(|to| *to == taken.to));
    let page = query.get("PageSize").and_then(|size| size.parse().ok()).unwrap_or(50);
    let found = found.filter(|taken| day(taken) >= since).take(page);
    let messages: Vec<Value> = found.map(|taken| resource(&taken)).collect();
    Json(json!({ "messages": messages, "page": 0 })).into_response()
}

async fn fetch(State(twilio): State<Twilio>, headers: HeaderMap, Path((_, file)): Path<(String, String)>) -> Response {
    if !is_known(&headers) {
        return refusal(StatusCode::UNAUTHORIZED, 20003);
    }
    let sid = file.trim_end_matches(".json");
    match twilio.taken().iter().find(|taken| taken.sid == sid) {
        Some(taken) => Json(resource(taken)).into_response(),
        None => refusal(StatusCode::NOT_FOUND, 20404),
    }
}
