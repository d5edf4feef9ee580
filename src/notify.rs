//! Events to messages: takes what is due from the outbox, words it in the guest's language, gives it to its channel,
//! and tells the order how far it got. Many nodes do this at once; the outbox's claims keep them apart.
//!
//! A message may be sent twice only if nothing remembers the first time. So: what is claimed is marked `sending` in a
//! commit of its own before the request leaves, and whoever finds it so later asks the provider (`notify/unknown.rs`).
//! What stays unknown goes over the next channel, once.

mod carriers;
mod inbound;
mod news;
mod unknown;
pub mod words;

pub use carriers::Carriers;

use crate::clock::Clock;
use crate::domain::command::{Command, NoteTold, Request, TellGuest};
use crate::domain::ids::{CommandId, OrderId};
use crate::domain::message::{MessageKind, Stage, Told, ToldState, Vars};
use crate::domain::order::Channel;
use crate::domain::people::Actor;
use crate::domain::time::Timestamp;
use crate::gateway::{Outgoing, SendError, Sent};
use crate::identity::numbers::Numbers;
use crate::store::committer::{Answer, Submission};
use crate::store::inbox::NewNote;
use crate::store::outbox::{By, Message, Step};
use crate::store::{Committer, Fault, Store, wide};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// WhatsApp lets a business write freely for so long after somebody wrote to it.
pub const FREE_WORDS: Duration = Duration::from_secs(24 * 3600);
/// Over which messages to one number are counted.
pub const COUNTED: Duration = Duration::from_secs(3600);
/// What a push service says of a subscription that is no more (RFC 8030 §7.3).
const GONE: [&str; 2] = ["404", "410"];
/// How often an order is told of a message while the database is busy; then the ticket goes without it.
const TELLS: u32 = 4;
/// Between two of them.
const TELL_AGAIN: Duration = Duration::from_millis(250);

/// How messages are sent; `config/default.toml` explains each.
#[derive(Clone, Debug)]
pub struct Pace {
    pub every: Duration,
    pub at_a_time: u32,
    /// Whoever claimed a message and did nothing with it for so long has died.
    pub lease: Duration,
    pub attempts: u32,
    pub backoff: Duration,
    pub backoff_most: Duration,
    pub look_up: Duration,
    pub give_up: Duration,
    pub silence: Duration,
    pub per_number: u32,
    pub keep: Duration,
    /// How long contacts are kept.
    pub contact: Duration,
}

/// The worker, and what the doors ask of it.
pub struct Notifier {
    pub store: Store,
    pub committer: Committer,
    pub clock: Clock,
    pub pace: Pace,
    pub carriers: Carriers,
    pub numbers: Numbers,
    /// What browsers subscribe to push with.
    pub push_key: Option<String>,
    /// What links to this server begin with.
    pub public_url: String,
    pub tasks: TaskTracker,
}

impl Notifier {
    /// Sends what is due, until stopped. What is under way then is finished.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let at_a_time = self.pace.at_a_time.max(1);
        let free = Arc::new(Semaphore::new(at_a_time as usize));
        let mut tick = tokio::time::interval(self.pace.every);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = tick.tick() => {}
            }
            if let Err(fault) = self.send_due(&free).await {
                tracing::warn!(%fault, "the messages that are due could not be looked up");
            }
        }
    }

    /// Claims only what can be begun at once: a lease is for work, not for waiting.
    async fn send_due(self: &Arc<Self>, free: &Arc<Semaphore>) -> Result<(), Fault> {
        let room = i64::try_from(free.available_permits()).unwrap_or(0);
        if room == 0 {
            return Ok(());
        }
        let (claim, now) = (Uuid::new_v4(), self.clock.now());
        for message in wide::outbox::claim(&self.store.db, claim, now, now.plus(self.pace.lease), room).await? {
            let Ok(permit) = Arc::clone(free).acquire_owned().await else { return Ok(()) };
            let me = Arc::clone(self);
            self.tasks.spawn(async move {
                if let Err(fault) = me.handle(&message, claim).await {
                    tracing::warn!(%fault, message.id = %message.id, "a message could not be worked on");
                }
                drop(permit);
            });
        }
        Ok(())
    }

    async fn handle(&self, message: &Message, claim: Uuid) -> Result<(), Fault> {
        match message.stage {
            Stage::Queued => self.send(message, claim).await,
            Stage::Sending | Stage::Unknown => self.look_up(message, claim).await,
            Stage::Sent => self.break_silence(message, claim).await,
            Stage::Failed | Stage::Delivered | Stage::Read | Stage::Dropped => {
                let step = Step { forget: true, ..Step::to(message.stage) };
                self.take(message, By::Claim(claim), step).await
            }
        }
    }

    async fn send(&self, message: &Message, claim: Uuid) -> Result<(), Fault> {
        let now = self.clock.now();
        let by = By::Claim(claim);
        if message.expires_at <= now {
            return self.end(message, by, Stage::Dropped, "expired").await;
        }
        let Some(to) = message.address.clone() else {
            return self.end(message, by, Stage::Dropped, "no_address").await;
        };
        let since = now.minus(COUNTED);
        let digests = self.numbers.digests(&to);
        let standing = wide::outbox::standing(&self.store.db, message.channel, &digests, since).await?;
        if standing.stopped {
            return self.end(message, by, Stage::Dropped, "stopped").await;
        }
        if standing.recent >= i64::from(self.pace.per_number) && message.attempts == 0 {
            return self.end(message, by, Stage::Dropped, "too_many").await;
        }
        let free = standing.wrote_at.is_some_and(|at| now.since(at) < FREE_WORDS);
        let Some(carrier) = self.carrier(message.channel) else {
            return self.pass_on(message, by, Stage::Failed, "no_carrier").await;
        };
        let Some(content) = self.content(message, free) else {
            return self.pass_on(message, by, Stage::Failed, "no_template").await;
        };
        let began = Instant::now();
        let hash = self.numbers.digest(&to);
        if !self.store.begin_sending(message, claim, hash, (now, now.plus(self.pace.lease))).await? {
            return Ok(());
        }
        if began.elapsed() * 2 > self.pace.lease {
            // This node stood still for so long that another one may soon take it for dead: it goes as one that may
            // have gone, and is looked for.
            tracing::warn!(message.id = %message.id, "this node was too slow to send a message");
            return Ok(());
        }
        let outgoing = Outgoing {
            channel: message.channel,
            to,
            content,
            callback: self.callback(message),
            lasts: message.expires_at.since(now),
        };
        let outcome = carrier.send(&outgoing).await;
        self.count(message, &outcome);
        match outcome {
            Ok(sent) => self.sent(message, by, sent).await,
            Err(SendError::Api { permanent: true, code, .. }) => {
                if message.channel == Channel::Push && GONE.contains(&&*code) {
                    self.forget_browser(message).await;
                }
                self.pass_on(message, by, Stage::Failed, &code).await
            }
            Err(SendError::Api { code, retry_after, .. }) => self.again(message, by, &code, retry_after).await,
            Err(SendError::NotSent(_)) => self.again(message, by, "not_sent", None).await,
            Err(SendError::Unknown(why)) => {
                tracing::warn!(message.id = %message.id, why, "a provider did not answer: the message is looked for");
                let next_at = Some(self.clock.now().plus(self.pace.look_up));
                self.take(message, by, Step { next_at, ..Step::to(Stage::Unknown) }).await
            }
        }
    }

    /// Its provider has it. On a channel that can be silent, and has another beside it, that is waited for.
    async fn sent(&self, message: &Message, by: By, sent: Sent) -> Result<(), Fault> {
        if sent.stage == Stage::Failed {
            let code = sent.error.unwrap_or_else(|| "undelivered".to_owned());
            return self.pass_on_as(message, by, Stage::Failed, &code, sent.id).await;
        }
        let waits =
            message.channel == Channel::Whatsapp && sent.stage == Stage::Sent && self.next(message).await?.is_some();
        let step = Step {
            next_at: waits.then(|| self.clock.now().plus(self.pace.silence)),
            provider_id: sent.id,
            forget: !waits,
            ..Step::to(sent.stage)
        };
        self.take(message, by, step).await
    }

    /// Tries again later, with full jitter below a doubling bound; then it has failed here.
    async fn again(&self, message: &Message, by: By, code: &str, asked: Option<Duration>) -> Result<(), Fault> {
        // One that was read before it was begun does not count that yet.
        let begun = message.attempts + i64::from(message.stage == Stage::Queued);
        let attempts = u32::try_from(begun).unwrap_or(u32::MAX);
        let bound = self.pace.backoff.saturating_mul(1 << attempts.min(16)).min(self.pace.backoff_most);
        let wait = bound.mul_f64(0.5 + rand::random::<f64>() / 2.0).max(asked.unwrap_or_default());
        let next_at = self.clock.now().plus(wait);
        if attempts >= self.pace.attempts || next_at >= message.expires_at {
            return self.pass_on(message, by, Stage::Failed, code).await;
        }
        tracing::info!(message.id = %message.id, code, attempts, "a message will be tried again");
        let step = Step { next_at: Some(next_at), error: Some(code.to_owned()), ..Step::to(Stage::Queued) };
        self.store.step(message, by, &step, self.clock.now()).await?;
        Ok(())
    }

    /// This channel is done with it; the next one has it, if there is one and it may still go.
    async fn pass_on(&self, message: &Message, by: By, stage: Stage, error: &str) -> Result<(), Fault> {
        self.pass_on_as(message, by, stage, error, None).await
    }

    async fn pass_on_as(
        &self,
        message: &Message,
        by: By,
        stage: Stage,
        error: &str,
        provider_id: Option<String>,
    ) -> Result<(), Fault> {
        let now = self.clock.now();
        let may = message.expires_at > now && message.address.is_some();
        let instead = self.next(message).await?.filter(|_| may);
        let step = Step {
            provider_id,
            error: Some(error.to_owned()),
            forget: true,
            instead: instead.map(|channel| (channel, now)),
            ..Step::to(stage)
        };
        if stage == Stage::Failed && instead.is_some() {
            // The next channel will tell.
            self.store.step(message, by, &step, now).await?;
            return Ok(());
        }
        self.take(message, by, step).await
    }

    async fn end(&self, message: &Message, by: By, stage: Stage, error: &str) -> Result<(), Fault> {
        let step = Step { error: Some(error.to_owned()), forget: true, ..Step::to(stage) };
        self.take(message, by, step).await
    }

    /// Takes a step, and tells the order first: whoever dies in between does both again.
    async fn take(&self, message: &Message, by: By, mut step: Step) -> Result<(), Fault> {
        if let Some(state) = step.stage.told()
            && !(step.stage == Stage::Unknown && step.next_at.is_some())
        {
            self.tell_order(message, state).await;
        }
        if matches!(step.stage, Stage::Failed | Stage::Dropped) {
            step.note = self.failure(message).await?;
        }
        self.store.step(message, by, &step, self.clock.now()).await?;
        Ok(())
    }

    async fn tell_order(&self, message: &Message, state: ToldState) {
        if message.kind == MessageKind::Code {
            return;
        }
        let told = Told { what: message.kind, channel: message.channel, state, at: message.created_at };
        let command = Command::NoteTold(NoteTold { order: OrderId(message.subject), told });
        self.submit(message, command, state.name()).await;
    }

    /// The browser has unsubscribed, or its profile is gone: its address is worth nothing any more.
    async fn forget_browser(&self, message: &Message) {
        let command = Command::TellGuest(TellGuest { order: OrderId(message.subject), contact: None });
        self.submit(message, command, "gone").await;
    }

    /// Whoever does the same of the same message again has the same id.
    async fn submit(&self, message: &Message, command: Command, what: &str) {
        let body_hash = Sha256::digest(serde_json::to_string(&command).unwrap_or_default()).into();
        let id = CommandId(Uuid::new_v5(&message.id, what.as_bytes()));
        let request = Request { id, actor: Actor::System, command, base_version: None };
        let restaurant = message.restaurant;
        let submission = Submission { restaurant, request, body_hash, priced: None, unwatched: false };
        for tried in 1..=TELLS {
            match self.committer.submit(submission.clone()).await {
                Answer::Accepted(_) => return,
                Answer::Refused(refusal) => {
                    let code = refusal.code.name();
                    return tracing::warn!(message.id = %message.id, code, "an order took no news of a message");
                }
                Answer::NotTried(why) if tried == TELLS => {
                    tracing::warn!(message.id = %message.id, why, "an order could not be told of a message");
                }
                Answer::NotTried(_) => tokio::time::sleep(TELL_AGAIN).await,
            }
        }
    }

    /// Somebody has to tell the guest by voice. What the words needed may be forgotten by now: the order knows it.
    async fn failure(&self, message: &Message) -> Result<Option<NewNote>, Fault> {
        if message.kind == MessageKind::Code {
            return Ok(None);
        }
        let found = self.store.order(message.restaurant, OrderId(message.subject)).await?;
        let order = found.map(|(_, stored)| stored.order);
        let vars = Vars {
            number: order.as_ref().map(|order| order.number),
            table: order.and_then(|order| order.table).map(|table| table.label),
            reason: Some(message.kind.name().to_owned()),
            ..Vars::default()
        };
        Ok(Some(NewNote {
            restaurant: message.restaurant,
            subject: message.subject,
            about: format!("not_told/{}", message.about),
            kind: MessageKind::NotTold,
            vars,
            at: self.clock.now(),
        }))
    }
}

impl Notifier {
    /// Forgets what was told long ago, until stopped.
    pub async fn prune_forever(self: Arc<Self>, stop: CancellationToken) {
        let mut tick = tokio::time::interval(PRUNE_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = tick.tick() => {}
            }
            if let Err(fault) = self.prune(&stop).await {
                tracing::warn!(%fault, "old messages could not be pruned");
            }
        }
    }

    /// # Errors
    /// Any fault of the database.
    pub async fn prune(&self, stop: &CancellationToken) -> Result<(), Fault> {
        let before: Timestamp = self.clock.now().minus(self.pace.keep);
        while !stop.is_cancelled() && wide::outbox::prune(&self.store.db, before, PRUNE_BATCH).await? {
            tokio::task::yield_now().await;
        }
        let before: Timestamp = self.clock.now().minus(self.pace.contact);
        while !stop.is_cancelled() && wide::outbox::prune_contacts(&self.store.db, before, PRUNE_BATCH).await? {
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

/// How often old messages are looked for.
const PRUNE_EVERY: Duration = Duration::from_secs(600);
/// Rows deleted at once.
const PRUNE_BATCH: i64 = 500;
