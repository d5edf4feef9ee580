//! A commit without an answer: the connection is cut between the server's commit and its answer, and the other
//! time before the commit arrived. Whoever waits gets the true answer, and it is done once. About Postgres: SQLite
//! has no wire to cut.

use super::fold::{assert_rows_are_the_feed, count};
use super::node::{Node, PATIENT, accepted, join, ordering, wish};
use crate::harness::run;
use crate::harness::server::{Kind as Database, Place};
use comanda::clock::Clock;
use comanda::domain::command::{Command, OrderRef};
use comanda::domain::event::Kind;
use comanda::domain::ids::OrderId;
use comanda::domain::people::Actor;
use comanda::domain::restaurant::GateRule;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

/// Where the next commit's connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    Nowhere = 0,
    BeforeItArrives = 1,
    BeforeItIsAnswered = 2,
}

/// Stands between the server and Postgres, in a folder with a socket of the name that Postgres' has.
struct Wire {
    folder: TempDir,
    next: Arc<AtomicU8>,
    _tasks: JoinSet<()>,
}

const SOCKET: &str = ".s.PGSQL.5432";

impl Wire {
    fn to(url: &str) -> (Self, String) {
        let (_, postgres) = url.split_once("?host=").expect("a socket's folder");
        let folder = tempfile::Builder::new().prefix("wire").tempdir_in("/tmp").unwrap();
        let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
        let through = url.replace(postgres, folder.path().to_str().unwrap());
        let (next, postgres) = (Arc::new(AtomicU8::new(0)), postgres.to_owned());
        let armed = Arc::clone(&next);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(Path::new(&postgres).join(SOCKET)).await.unwrap();
                connections.spawn(carry(client, server, Arc::clone(&armed)));
            }
        });
        (Self { folder, next, _tasks: tasks }, through)
    }

    fn cut(&self, at: Cut) {
        self.next.store(at as u8, Ordering::SeqCst);
    }

    /// Whether the cut that was wished has happened.
    fn was_cut(&self) -> bool {
        assert!(self.folder.path().exists());
        self.next.load(Ordering::SeqCst) == Cut::Nowhere as u8
    }
}

/// Carries both ways until either end closes, or the wire is cut.
async fn carry(mut client: UnixStream, mut server: UnixStream, next: Arc<AtomicU8>) {
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    let mut swallow = false;
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(read @ 1..) = read else { return };
                if holds(&asked[..read], b"COMMIT\0") {
                    match next.swap(Cut::Nowhere as u8, Ordering::SeqCst) {
                        1 => return,
                        2 => swallow = true,
                        _ => {}
                    }
                }
                if server.write_all(&asked[..read]).await.is_err() { return }
            }
            read = server.read(&mut answered) => {
                let Ok(read @ 1..) = read else { return };
                if swallow {
                    // It is committed: the answer says so.
                    assert!(holds(&answered[..read], b"COMMIT\0"));
                    return;
                }
                if client.write_all(&answered[..read]).await.is_err() { return }
            }
        }
    }
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

#[test]
fn a_commit_whose_answer_is_lost_happened_once_and_is_answered() {
    run(async { commit_through(Cut::BeforeItIsAnswered).await });
}

#[test]
fn a_commit_that_never_arrived_is_made_again() {
    run(async { commit_through(Cut::BeforeItArrives).await });
}

async fn commit_through(cut: Cut) {
    let place = Place::new(Database::Postgres);
    let (wire, url) = Wire::to(&place.url);
    let node = Node::with(&url, Clock::system(), PATIENT).await;
    let fixture = node.restaurant("olive", GateRule::None).await;
    let before = node.does(&fixture, &Actor::System, ordering(&[(fixture.fries(), 1)])).await;
    let calm = Command::ConfirmOrder(OrderRef { order: OrderId(before.subject) });
    let batch = vec![
        wish(&fixture, &Actor::System, ordering(&[(fixture.beer(), 1)])),
        wish(&fixture, &Actor::System, join(&fixture, 0)),
        wish(&fixture, &Actor::System, calm),
        wish(&fixture, &Actor::System, ordering(&[(fixture.beer(), 2)])),
    ];
    wire.cut(cut);
    let answers: Vec<_> = node.batch(batch.clone()).await.into_iter().map(accepted).collect();
    assert!(wire.was_cut(), "the wire carried everything");
    assert_eq!(node.counts.unknown(), 1);

    let history = assert_rows_are_the_feed(&node, &fixture).await;
    assert_eq!((count(&history, Kind::OrderPlaced), count(&history, Kind::SeatingOpened)), (3, 1));
    assert_eq!(node.stock(&fixture, fixture.beer()).await, (true, Some(2)));
    for (wish, answer) in batch.iter().zip(&answers) {
        let last = history.iter().rev().find(|event| event.command == wish.request.id);
        if let Some(event) = last {
            assert_eq!(answer.seq, event.seq, "the true answer names the event that was committed");
        }
        let again = accepted(node.submit(wish.clone()).await);
        assert!(again.again);
        assert_eq!((again.seq, again.subject), (answer.seq, answer.subject));
    }
    let placed: Vec<_> = [0, 3].iter().map(|n: &usize| OrderId(answers[*n].subject)).collect();
    for order in placed {
        assert_eq!(node.order(&fixture, order).await.id, order, "the true answer names the order that is there");
    }
    assert_eq!(node.published(fixture.id()), history, "what was committed is told, once");
}
