//! Events to messages: takes what is due from the outbox, words it in the guest's language, gives it to its channel,
//! and tells the order how far it got. Many nodes do this at once; the outbox's claims keep them apart.
//!
//! A message may be sent twice only if nothing remembers the first time. So: what is claimed is marked `sending` in a
//! commit of its own before the request leaves, and whoever finds it so later never sends it again on that channel,
//! but asks the provider. What stays unknown goes over the next channel, once.

mod carriers;
mod inbound;
mod news;
pub mod words;

pub use carriers::Carriers;

use crate::clock::Clock;
use crate::domain::command::{Command, NoteTold, Request};
use crate::domain::ids::{CommandId, OrderId};
use crate::domain::message::{MessageKind, Stage, Told, ToldState, Vars};
use crate::domain::order::Channel;
use crate::domain::people::Actor;
use crate::domain::time::Timestamp;
use crate::gateway::{Outgoing, SendError, Sent};
use crate::store::committer::{Answer, Submission};
use crate::store::inbox::NewNote;
use crate::store::outbox::{By, Message, Step};
use crate::store::{Committer, Fault, Store, wide};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// Whoever claimed a message and did nothing with it for so long has died. Longer than any request takes.
pub const LEASE: Duration = Duration::from_secs(30);
/// WhatsApp lets a business write freely for so long after somebody wrote to it.
pub const FREE_WORDS: Duration = Duration::from_secs(24 * 3600);
/// Over which messages to one number are counted.
pub const COUNTED: Duration = Duration::from_secs(3600);

/// How messages are sent; `config/default.toml` explains each.
#[derive(Clone, Debug)]
pub struct Pace {
    pub every: Duration,
    pub at_a_time: u32,
    pub attempts: u32,
    pub backoff: Duration,
    pub backoff_most: Duration,
    pub look_up: Duration,
    pub give_up: Duration,
    pub silence: Duration,
    pub per_number: u32,
    pub keep: Duration,
}

/// The worker, and what the doors ask of it.
pub struct Notifier {
    pub store: Store,
    pub committer: Committer,
    pub clock: Clock,
    pub pace: Pace,
    pub carriers: Carriers,
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
        for message in wide::outbox::claim(&self.store.db, claim, now, now.plus(LEASE), room).await? {
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
        let since = now.minus(COUNTED);
        let standing = wide::outbox::standing(&self.store.db, message.channel, &message.address_hash, since).await?;
        if standing.stopped {
            return self.end(message, by, Stage::Dropped, "stopped").await;
        }
        if standing.recent >= i64::from(self.pace.per_number) && message.attempts == 0 {
            return self.end(message, by, Stage::Dropped, "too_many").await;
        }
        let free = standing.wrote_at.is_some_and(|at| now.since(at) < FREE_WORDS);
        let (Some(carrier), Some(to)) = (self.carrier(message.channel), message.address.clone()) else {
            return self.pass_on(message, by, Stage::Failed, "no_carrier").await;
        };
        let Some(content) = self.content(message, free) else {
            return self.pass_on(message, by, Stage::Failed, "no_template").await;
        };
        if !self.store.begin_sending(message, claim, now).await? {
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
            Err(SendError::Api { permanent: true, code, .. }) => self.pass_on(message, by, Stage::Failed, &code).await,
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
        let waits = message.channel == Channel::Whatsapp && sent.stage == Stage::Sent && self.next(message).is_some();
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
        let attempts = u32::try_from(message.attempts).unwrap_or(u32::MAX).saturating_add(1);
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

    /// It may have gone: the provider is asked, until the time is over; then the next channel has it.
    async fn look_up(&self, message: &Message, claim: Uuid) -> Result<(), Fault> {
        let by = By::Claim(claim);
        let found = match (self.carrier(message.channel), &message.address) {
            (Some(carrier), Some(to)) => carrier.find(&self.sought(message, to.clone())).await,
            _ => Ok(None),
        };
        match found {
            Ok(Some(sent)) => return self.sent(message, by, sent).await,
            Ok(None) => {}
            Err(error) => tracing::info!(message.id = %message.id, %error, "a message could not be looked for"),
        }
        let now = self.clock.now();
        let began = message.began_at.unwrap_or(message.created_at);
        if now.since(began) >= self.pace.give_up {
            return self.pass_on(message, by, Stage::Unknown, "unknown").await;
        }
        let next_at = Some(now.plus(self.pace.look_up));
        self.store.step(message, by, &Step { next_at, ..Step::to(Stage::Unknown) }, now).await?;
        Ok(())
    }

    /// Sent, and nobody said that it arrived: asked once more, then the next channel has it.
    async fn break_silence(&self, message: &Message, claim: Uuid) -> Result<(), Fault> {
        let by = By::Claim(claim);
        let found = match (self.carrier(message.channel), &message.address) {
            (Some(carrier), Some(to)) if message.provider_id.is_some() => {
                carrier.find(&self.sought(message, to.clone())).await
            }
            _ => Ok(None),
        };
        match found {
            Ok(Some(sent)) if sent.stage != Stage::Sent => self.sent(message, by, sent).await,
            Ok(_) | Err(_) => self.pass_on(message, by, Stage::Sent, "silent").await,
        }
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
        let instead = self.next(message).filter(|_| message.expires_at > now && message.address.is_some());
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
    async fn take(&self, message: &Message, by: By, step: Step) -> Result<(), Fault> {
        if let Some(state) = step.stage.told()
            && !(step.stage == Stage::Unknown && step.next_at.is_some())
        {
            self.tell_order(message, state).await;
        }
        let failed = matches!(step.stage, Stage::Failed | Stage::Dropped);
        if self.store.step(message, by, &step, self.clock.now()).await? && failed {
            self.note_failure(message).await?;
        }
        Ok(())
    }

    async fn tell_order(&self, message: &Message, state: ToldState) {
        if message.kind == MessageKind::Code {
            return;
        }
        let told = Told { what: message.kind, channel: message.channel, state, at: message.created_at };
        let command = Command::NoteTold(NoteTold { order: OrderId(message.subject), told });
        let body_hash = Sha256::digest(serde_json::to_string(&command).unwrap_or_default()).into();
        let id = CommandId(Uuid::new_v5(&message.id, state.name().as_bytes()));
        let request = Request { id, actor: Actor::System, command, base_version: None };
        let restaurant = message.restaurant;
        let submission = Submission { restaurant, request, body_hash, priced: None, unwatched: false };
        match self.committer.submit(submission).await {
            Answer::Accepted(_) => {}
            Answer::Refused(refusal) => {
                tracing::warn!(message.id = %message.id, code = refusal.code.name(), "an order took no news of a message");
            }
            Answer::NotTried(why) => {
                tracing::warn!(message.id = %message.id, why, "an order could not be told of a message");
            }
        }
    }

    /// Somebody has to tell the guest by voice.
    async fn note_failure(&self, message: &Message) -> Result<(), Fault> {
        if message.kind == MessageKind::Code {
            return Ok(());
        }
        let vars = Vars {
            number: message.vars.number,
            table: message.vars.table.clone(),
            reason: Some(message.kind.name().to_owned()),
            ..Vars::default()
        };
        self.store
            .note(NewNote {
                restaurant: message.restaurant,
                subject: message.subject,
                about: format!("not_told/{}", message.about),
                kind: MessageKind::NotTold,
                vars,
                at: self.clock.now(),
            })
            .await
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
        Ok(())
    }
}

/// How often old messages are looked for.
const PRUNE_EVERY: Duration = Duration::from_secs(600);
/// Rows deleted at once.
const PRUNE_BATCH: i64 = 500;
