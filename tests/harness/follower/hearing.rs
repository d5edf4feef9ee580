//! What a client hears, and what the server should not have said.

use super::line::reason_of;
use super::{Board, Follower, LINE_CHARS, Phase, Stretch};
use comanda::domain::ids::{Cursor, Epoch};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Error, Message};
use uuid::Uuid;

impl Follower {
    pub(super) async fn hear(&mut self, message: Option<Result<Message, Error>>) {
        self.heard_at = Instant::now();
        match message {
            Some(Ok(Message::Text(text))) => {
                if !text.starts_with("{\"op\":\"beat\"") {
                    self.note(|| format!("< {:.LINE_CHARS$}", text.as_str()));
                }
                let message = serde_json::from_str(text.as_str()).expect("the server speaks JSON");
                self.take(message);
            }
            Some(Ok(Message::Close(frame))) => {
                if let Some(line) = &mut self.line {
                    // Sends the answer; whether it arrives is the server's worry.
                    drop(tokio::time::timeout(Duration::from_millis(100), line.close(None)).await);
                }
                let (code, reason) = reason_of(frame);
                self.was_connected_to_its_end = self.is_following();
                self.lost(&format!("{code} {reason}"));
                self.sent_away(code, reason);
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => self.lost(&error.to_string()),
            None => self.lost("the stream ended"),
        }
    }

    fn take(&mut self, message: Value) {
        match message["op"].as_str().unwrap_or_default() {
            "subscribed" => self.on_subscribed(message),
            "event" => self.on_event(&message),
            "beat" => self.on_beat(&message),
            "resync" => {
                self.counts.resyncs += 1;
                self.ask_due = true;
            }
            "ok" | "refused" | "not_tried" => self.on_answer(&message),
            "error" => self.complain(format!("an error: {message}")),
            other => self.complain(format!("`{other}` has no place here: {message}")),
        }
    }

    fn on_subscribed(&mut self, mut message: Value) {
        let at = cursor_of(&message);
        let Phase::Waiting { asked, parts } = &mut self.phase else {
            return self.complain("`subscribed` came unasked".to_owned());
        };
        if message["snapshot"].is_null() {
            let asked = *asked;
            self.phase = Phase::Following;
            self.light();
            self.counts.replays += 1;
            return if asked == Some(at) {
                self.go_back_to(at)
            } else {
                self.complain(format!("{asked:?} got {at:?}"))
            };
        }
        let (part, count) = (message["part"].as_u64(), message["parts"].as_u64());
        parts.push(message["snapshot"].take());
        let held = u64::try_from(parts.len()).ok();
        if part != held {
            return self.complain(format!("part {part:?} came as number {held:?}"));
        }
        if part == count {
            let board = Board::from_parts(parts);
            self.phase = Phase::Following;
            self.light();
            self.begin(at, board);
        }
    }

    /// It has a picture again that is kept up to date.
    fn light(&mut self) {
        let span = self.dark_since.take().map(|since| since.elapsed());
        self.dark.extend(span);
    }

    fn begin(&mut self, at: Cursor, board: Board) {
        self.counts.snapshots += 1;
        let finished = self.present();
        self.finished.extend(finished);
        let (epoch, from) = (at.epoch, at.seq);
        self.began = Some(Stretch {
            epoch,
            from,
            began: from,
            snapshot: board.clone(),
            heard: Vec::new(),
            upto: from,
            board: Board::default(),
        });
        self.board = board;
        self.cursor = Some(at);
    }

    /// It asked with an older cursor than its own and will hear again what it heard.
    fn go_back_to(&mut self, at: Cursor) {
        self.cursor = Some(at);
        if let Some(stretch) = &mut self.began {
            stretch.from = stretch.from.min(at.seq);
            stretch.heard.retain(|seq| *seq <= at.seq);
        }
    }

    fn on_event(&mut self, message: &Value) {
        // While an answer is due, live events are its business: all after the cursor follow it.
        if matches!(self.phase, Phase::Waiting { .. }) || self.ask_due {
            return;
        }
        let (Some(seq), Some(prev)) = (message["seq"].as_i64(), message["prev"].as_i64()) else {
            return self.complain(format!("an event without a place: {message}"));
        };
        let Some(cursor) = &mut self.cursor else { return self.complain("an event before any picture".to_owned()) };
        let held = cursor.seq;
        cursor.seq = cursor.seq.max(seq);
        if seq <= held {
            let is_known = self.began.as_ref().is_some_and(|stretch| stretch.heard.contains(&seq));
            *(if is_known { &mut self.counts.doubled } else { &mut self.counts.disordered }) += 1;
            return self.complain(format!("event {seq} came when {held} was held"));
        }
        if prev > held {
            self.complain(format!("a hole: event {seq} is after {prev}, and {held} was held"));
        }
        self.counts.events += 1;
        if message["kind"] == "order.placed"
            && let Some(id) = message["order"]["id"].as_str().and_then(|id| id.parse().ok())
        {
            self.arrived.insert(id, Instant::now());
        }
        if let Some(id) = message["unseen"]["order"].as_str().and_then(|id| id.parse().ok()) {
            self.alarmed.entry(id).or_insert_with(Instant::now);
        }
        if let Some(stretch) = &mut self.began {
            stretch.heard.push(seq);
        }
        self.board.take(message);
    }

    fn on_beat(&mut self, message: &Value) {
        self.counts.beats += 1;
        let head = &message["topics"][self.topic];
        if head.is_null() || matches!(self.phase, Phase::Waiting { .. }) || self.ask_due {
            return;
        }
        let (upto, last) = (cursor_of(&head["upto"]), head["last"].as_i64().unwrap_or_default());
        let Some(cursor) = self.cursor else { return self.complain("a beat before any picture".to_owned()) };
        if upto.epoch != cursor.epoch {
            self.complain(format!("a beat of another epoch: {message}"));
        } else if last > cursor.seq {
            // W6: a beat is sent only when nothing older waits.
            self.complain(format!("a beat says {last} when {} was held", cursor.seq));
        } else if upto.seq > cursor.seq {
            self.cursor = Some(upto);
        }
    }

    fn on_answer(&mut self, message: &Value) {
        let Some(id) = message["id"].as_str().and_then(|id| id.parse::<Uuid>().ok()) else {
            return self.complain(format!("an answer to nothing: {message}"));
        };
        if message["op"] == "not_tried" {
            self.counts.not_tried += 1;
            let wait = Duration::from_millis(message["retry_ms"].as_u64().unwrap_or(1000));
            if let Some(wish) = self.outbox.iter_mut().find(|wish| wish.id == id) {
                wish.again_at = Some(Instant::now() + wait);
            }
            return;
        }
        let code = message["code"].as_str();
        if let Some(code) = code {
            *self.counts.refused_as.entry(code.to_owned()).or_default() += 1;
        }
        if code == Some("id_reused") && self.reused.contains(&id) {
            return;
        }
        let waiting = self.outbox.iter().position(|wish| wish.id == id);
        match waiting.and_then(|at| self.outbox.remove(at)) {
            Some(wish) => self.answered.push((id, wish.message)),
            None => self.counts.repeated += 1,
        }
        match (message["seq"].as_i64(), self.acknowledged.get(&id).copied()) {
            (Some(seq), None) => drop(self.acknowledged.insert(id, seq)),
            (Some(seq), Some(before)) if seq == before => {}
            (now, Some(before)) => self.complain(format!("{id} was `ok` at {before}, then {now:?}: {message}")),
            // Refusals are not kept: sent again, it may be taken.
            (None, None) => {}
        }
    }
}

fn cursor_of(value: &Value) -> Cursor {
    let epoch = value["epoch"].as_str().and_then(|epoch| epoch.parse().ok()).expect("an epoch");
    Cursor { epoch: Epoch(epoch), seq: value["seq"].as_i64().expect("a seq") }
}
