//! Pages of rows in key order, always from the primary.

use dualwrite_core::key::Key;
use tokio::time::{Instant, timeout_at};

use super::token::{PageToken, TokenError};
use super::{accepts, again, failed};
use crate::error::{DataError, Invalid};
use crate::execute::admitted_to_read;
use crate::request::{ListReply, ListRequest, PAGE_MAX};
use crate::shared::Shared;
use crate::store::{ListPage, Listing, StoreError};
use crate::translate::{self, Scope};

/// Rows of a page when the caller does not say.
const PAGE_DEFAULT: u32 = 100;

/// Lists one page.
pub(crate) async fn list(
    shared: &Shared,
    request: ListRequest,
    deadline: Instant,
) -> Result<ListReply, DataError> {
    if request.page_size > PAGE_MAX {
        let limit = u64::from(PAGE_MAX);
        return Err(Invalid::TooLarge {
            what: "page_size".into(),
            limit,
        }
        .into());
    }
    let limit = if request.page_size == 0 {
        PAGE_DEFAULT
    } else {
        request.page_size
    };
    loop {
        let active = admitted_to_read(shared, deadline).await?;
        let authority = &active.authority;
        let side = authority.primary;
        let entity = translate::entity(&active.mapping, 0, &request.entity)?;
        let scope = Scope {
            entity,
            side,
            index: 0,
        };
        let token = PageToken::first(&request, authority);
        let after = match token.read(&request.page_token, entity) {
            Ok(after) => after.map(|key| scope.side_key(&key)).transpose()?,
            Err(TokenError::Foreign) => return Err(Invalid::PageToken.into()),
            Err(TokenError::Expired) => return Err(DataError::PageTokenExpired),
        };
        let filter = scope.conditions(&request.filter)?;
        let listing = Listing {
            table: entity.table(side).clone(),
            filter,
            after,
            limit,
        };
        let store = shared
            .store(side)
            .map_err(|error| failed(shared, side, error))?;
        let read = async {
            if active.plain {
                let rows = store.list_plain(&listing).await?;
                return Ok(ListPage { fence: None, rows });
            }
            store.list(&shared.service, &listing).await
        };
        let page = match timeout_at(deadline, read).await {
            Ok(Ok(page)) => page,
            Ok(Err(StoreError::Stale)) => {
                again(shared, deadline).await?;
                continue;
            }
            Ok(Err(error)) => return Err(failed(shared, side, error)),
            Err(_) => return Err(DataError::Deadline),
        };
        if !active.plain && !accepts(authority, side, page.fence.as_ref()) {
            again(shared, deadline).await?;
            continue;
        }
        return reply(entity, side, page, &listing, &token);
    }
}

fn reply(
    entity: &dualwrite_core::mapping::EntityMap,
    side: dualwrite_core::side::Side,
    page: ListPage,
    listing: &Listing,
    token: &PageToken,
) -> Result<ListReply, DataError> {
    let internal = |message: String| DataError::Internal { message };
    let full = u32::try_from(page.rows.len()).unwrap_or(u32::MAX) >= listing.limit;
    let next_page_token = match page.rows.last().filter(|_| full) {
        Some(row) => {
            let fields = entity.from_side(side, row.clone());
            let fields = fields.map_err(|error| internal(error.to_string()))?;
            let key: Key = entity
                .key_of(&fields)
                .map_err(|error| internal(error.to_string()))?;
            token.write(&key)
        }
        None => String::new(),
    };
    let rows = page
        .rows
        .into_iter()
        .map(|row| translate::image(entity, side, row));
    let rows = rows
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| internal(error.to_string()))?;
    Ok(ListReply {
        rows,
        next_page_token,
        served_by: side,
    })
}
