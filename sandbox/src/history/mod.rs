//! Engagement history: docs/protocol/engagement-history-api.md.

mod codes;
mod generate;
pub mod live;
mod noise;
mod query;
mod render;
mod row;
mod select;
mod store;
mod words;

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::options::Options;
use crate::routes::Call;
use crate::services::{oauth1, oauth2};
use crate::switches::{Switch, Switches};
use crate::times::{SECOND, months_before};
use crate::world::World;
use crate::{Sandbox, lock};
use noise::Noise;
use query::Query;
use render::Style;
use row::Row;
use select::{Found, Horizon};
use store::Store;

/// The history of the account. The store is slow compared with everything else, so it is used on threads for blocking
/// work only; ended chats wait in the inbox until somebody searches.
#[derive(Debug)]
pub struct History {
    store: Arc<Mutex<Store>>,
    inbox: Arc<Mutex<Vec<Value>>>,
    seed: u64,
}

impl History {
    pub fn open(options: &Options) -> Result<Self, String> {
        Ok(Self { store: Arc::new(Mutex::new(Store::open(options)?)), inbox: Arc::default(), seed: options.seed })
    }

    /// Takes records of ended chats.
    pub fn keep(&self, finished: Vec<Value>) {
        if !finished.is_empty() {
            lock(&self.inbox).extend(finished);
        }
    }

    /// Works on the store, inbox emptied first, without holding up the server.
    async fn with_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> Result<T, String> {
        let (store, inbox) = (Arc::clone(&self.store), Arc::clone(&self.inbox));
        let task = tokio::task::spawn_blocking(move || {
            let mut store = lock(&store);
            let arrived: Vec<(Row, String)> = std::mem::take(&mut *lock(&inbox))
                .iter()
                .filter_map(|record| Some((Row::of_json(record).ok()?, record.to_string())))
                .collect();
            if !arrived.is_empty() {
                store.insert(&arrived)?;
            }
            work(&mut store)
        });
        match task.await {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    pub async fn reset(&self) -> Result<(), String> {
        self.with_store(Store::reset).await
    }

    /// Inserts one record or a list of records given as JSON.
    pub async fn insert_posted(&self, body: Value) -> Result<Value, String> {
        let posted = match body {
            Value::Array(list) => list,
            one => vec![one],
        };
        let records: Result<Vec<(Row, String)>, String> =
            posted.iter().map(|record| Ok((Row::of_json(record)?, record.to_string()))).collect();
        let records = records?;
        let count = records.len();
        self.with_store(move |store| store.insert(&records)).await?;
        Ok(json!({ "inserted": count }))
    }

    pub async fn keys(&self, from: i64, to: i64) -> Result<Value, String> {
        self.with_store(move |store| store.keys(from, to)).await
    }
}

/// "Error bodies": the sandbox's choice, nothing is published.
fn refused(status: u16, code: Option<&str>, message: &str) -> Reply {
    let mut body = json!({"statusCode": status, "debugMessage": message});
    if let Some(code) = code {
        body["internalCode"] = json!(code);
    }
    Reply::json(status, &body)
}

/// "Authentication": OAuth 1.0, a login's bearer, or an application token with the right scope.
fn authenticate(world: &mut World, request: &Request) -> Result<(), Reply> {
    match request.header("authorization") {
        Some(header) if header.starts_with("OAuth ") => {
            let header = header.to_owned();
            oauth1::verify(world, request, &header)
        }
        _ => {
            let known = request.bearer().is_some_and(|bearer| {
                let token = world.app_tokens.get(bearer);
                let token_fits = token.is_some_and(|(expires, scope)| *expires > world.now && *scope == oauth2::HISTORY_SCOPE);
                token_fits || world.login(bearer).is_some()
            });
            if known { Ok(()) } else { Err(Reply::token_rejected()) }
        }
    }
}

/// A search that passed all checks, with what the world says about it.
#[derive(Debug)]
struct Prepared {
    query: Query,
    horizon: Horizon,
    switches: Switches,
    origin: String,
    noise: Noise,
}

/// "Order of work for one request".
fn prepare(world: &mut World, call: &Call) -> Result<Prepared, Reply> {
    if call.account() != world.identity.account {
        let status = world.switches.status(Switch::HistoryUnknownAccount);
        return Err(refused(status, None, "Unknown account"));
    }
    authenticate(world, &call.request)?;
    let switches = world.switches.clone();
    let query = query::read(&call.request, &switches).map_err(|message| refused(400, None, &message))?;
    let deepest = switches.number(Switch::DeepPagingLimit);
    if deepest > 0 && query.offset + query.limit > deepest {
        return Err(refused(500, Some("0007"), "Elastic search exception"));
    }
    let horizon = Horizon {
        ended_by: world.now - switches.number(Switch::TranscriptDelayS) * SECOND,
        enriched_by: world.now - switches.number(Switch::EnrichmentDelayS) * SECOND,
        started_since: months_before(world.now, switches.number(Switch::RetentionMonths)),
    };
    let noise = Noise::draw(world, &query, &horizon);
    Ok(Prepared { query, horizon, switches, origin: world.identity.origin.clone(), noise })
}

pub async fn search(sandbox: &Arc<Sandbox>, call: Call) -> Reply {
    let prepared = match sandbox.act(|world| prepare(world, &call)) {
        Ok(prepared) => prepared,
        Err(refusal) => return refusal,
    };
    let seed = sandbox.history.seed;
    let result = sandbox
        .history
        .with_store(move |store| {
            let shuffle = prepared.switches.is_on(Switch::UnstableOrder);
            if let Some(late) = prepared.noise.late() {
                store.insert(&[late])?;
            }
            let mut shifted = prepared.query.clone();
            prepared.noise.shift(&mut shifted);
            let mut found = store.search(&shifted, &prepared.horizon, shuffle)?;
            let is_partial = prepared.noise.spoil(&mut found) || prepared.switches.is_on(Switch::PartialResult);
            Ok(page(&prepared, &call.request, found, is_partial, seed))
        })
        .await;
    result.unwrap_or_else(|error| refused(500, Some("0008"), &error))
}

fn page(prepared: &Prepared, request: &Request, found: Found, is_partial: bool, seed: u64) -> Reply {
    let switches = &prepared.switches;
    let absent = found.records.is_empty() && !switches.is(Switch::EmptyPage, "array");
    // Without a body nothing can say that shards are missing.
    if absent && switches.is(Switch::EmptyPage, "204") && !is_partial {
        return Reply::empty(204);
    }
    let mut body = format!("{{\"_metadata\":{}", metadata(prepared, request, found.count, is_partial));
    if !absent {
        let style = Style {
            switches,
            seed,
            enriched_by: prepared.horizon.enriched_by,
            by_engagement: prepared.query.filter.engagement_id.is_some(),
        };
        body.push_str(",\"interactionHistoryRecords\":[");
        for (number, stored) in found.records.into_iter().enumerate() {
            if number > 0 {
                body.push(',');
            }
            body.push_str(&style.text(stored));
        }
        body.push(']');
    }
    body.push('}');
    Reply::text(200, "application/json", body)
}

/// "Response envelope and paging": count, links, shards.
fn metadata(prepared: &Prepared, request: &Request, count: i64, is_partial: bool) -> Value {
    let Query { offset, limit, .. } = prepared.query;
    let link = |rel: &str, offset: i64| json!({"rel": rel, "href": href(prepared, request, offset)});
    let mut metadata = json!({"count": count, "self": link("self", offset)});
    if offset + limit < count {
        metadata["next"] = link("next", offset + limit);
    }
    if offset > 0 {
        metadata["prev"] = link("prev", (offset - limit).max(0));
    }
    if count > limit {
        metadata["last"] = link("last", (count - 1) / limit * limit);
    }
    let mut shards = json!({ "partialResult": is_partial });
    if prepared.switches.is(Switch::Dialect, "2015") {
        shards["totalShards"] = json!(6);
        shards["failureShards"] = json!(i64::from(is_partial));
    }
    metadata["shardsStatusResult"] = shards;
    metadata
}

/// The request's URL with its query and another offset. The samples name `localhost:8080`, without the context path.
fn href(prepared: &Prepared, request: &Request, offset: i64) -> String {
    let own = |pair: &&str| !pair.starts_with("offset=") && !pair.starts_with("limit=") && !pair.is_empty();
    let mut query: Vec<String> = request.raw_query.split('&').filter(own).map(str::to_owned).collect();
    query.extend([format!("limit={}", prepared.query.limit), format!("offset={offset}")]);
    let query = query.join("&");
    let path = &request.path;
    match prepared.switches.text(Switch::HrefHost) {
        "foreign" => format!("https://va-a.enghist.liveperson.net{path}?{query}"),
        "localhost8080" => {
            format!("http://localhost:8080{}?{query}", path.strip_prefix("/interaction_history").unwrap_or(path))
        }
        _ => format!("{}{path}?{query}", prepared.origin),
    }
}
