//! A client of the socket that notes everything it is sent, and keeps the rules of docs/PROTOCOL.md.

use super::SOON;
use super::people::Person;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// One connection.
pub struct Socket {
    pub stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Every message so far, in order.
    pub log: Vec<Value>,
    pub closed: Option<(u16, Value)>,
}

impl Socket {
    /// Connects without a word.
    pub async fn open(url: &str) -> Self {
        let (stream, _) = tokio_tungstenite::connect_async(url).await.expect("connect");
        Self { stream, log: Vec::new(), closed: None }
    }

    /// Connects and says hello; waits for `welcome`.
    pub async fn hello(person: &Person) -> Self {
        let url = format!("{}/ws/{}", person.base.replacen("http", "ws", 1), person.slug);
        let mut socket = Self::open(&url).await;
        socket.send(&json!({ "op": "hello", "token": person.token, "protocol": 1 })).await;
        socket.expect("welcome").await;
        socket
    }

    /// Says hello and subscribes; waits for the (last part of the) answer.
    pub async fn subscribed(person: &Person, topic: &str) -> Self {
        let mut socket = Self::hello(person).await;
        socket.subscribe(topic, None).await;
        socket
    }

    pub async fn subscribe(&mut self, topic: &str, after: Option<Value>) -> Value {
        let mut message = json!({ "op": "subscribe", "topic": topic });
        if let Some(after) = after {
            message["after"] = after;
        }
        self.send(&message).await;
        self.until(|m| m["op"] == "subscribed" && m["part"] == m["parts"]).await
    }

    pub async fn send(&mut self, message: &Value) {
        self.stream.send(Message::text(message.to_string())).await.expect("send");
    }

    pub async fn command(&mut self, name: &str, args: Value) -> Value {
        let id = uuid::Uuid::new_v4().to_string();
        self.send(&json!({ "op": "command", "id": id, "name": name, "args": args })).await;
        self.until(|m| m["id"] == id.as_str() && (m["op"] == "ok" || m["op"] == "refused")).await
    }

    /// The next message, beats left out; panics when none comes in time or the socket closes.
    pub async fn next(&mut self) -> Value {
        loop {
            let message = self.any().await.unwrap_or_else(|| panic!("the socket closed: {:?}", self.closed));
            if message["op"] != "beat" {
                return message;
            }
        }
    }

    /// The next message of any kind; `None` once it is closed.
    pub async fn any(&mut self) -> Option<Value> {
        loop {
            let message = tokio::time::timeout(SOON, self.stream.next())
                .await
                .unwrap_or_else(|_| panic!("nothing came; log: {:#?}", self.log));
            match message {
                Some(Ok(Message::Text(text))) => {
                    let value: Value = serde_json::from_str(&text).expect("JSON");
                    self.log.push(value.clone());
                    return Some(value);
                }
                Some(Ok(Message::Close(frame))) => {
                    self.closed = frame.as_ref().map(reason);
                    return None;
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// Reads until a message fits; the others stay in the log.
    pub async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.next().await;
            if fits(&message) {
                return message;
            }
        }
    }

    pub async fn expect(&mut self, op: &str) -> Value {
        let message = self.next().await;
        assert_eq!(message["op"], op, "{message}");
        message
    }

    /// Reads until the socket closes; its code and reason.
    pub async fn close_reason(&mut self) -> (u16, Value) {
        while self.any().await.is_some() {}
        self.closed.clone().expect("a close frame")
    }

    /// The events so far.
    pub fn events(&self) -> Vec<&Value> {
        self.log.iter().filter(|m| m["op"] == "event").collect()
    }
}

fn reason(frame: &CloseFrame) -> (u16, Value) {
    (frame.code.into(), serde_json::from_str(frame.reason.as_str()).unwrap_or(Value::Null))
}
