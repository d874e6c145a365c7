//! `lpchat domains`.

use crate::arguments::DomainsArguments;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;
use crate::table::{Column, Table};
use crate::text::visible_line;

pub fn run(connection: &Connection, arguments: &DomainsArguments, output: &mut Output) -> Result<(), Failure> {
    let domains = connection.with_client(|client| match &arguments.service {
        Some(service) => Ok(vec![client.retrieve_domain(service.as_str().into())?]),
        None => Ok(client.retrieve_domains()?),
    })?;
    if arguments.json {
        return domains.iter().try_for_each(|domain| output.json(domain.raw.as_str()));
    }
    if arguments.service.is_some() {
        return domains.iter().try_for_each(|domain| output.line(&visible_line(&domain.host)));
    }
    let rows: Vec<_> = domains.iter().map(|domain| vec![visible_line(&domain.service), visible_line(&domain.host)]).collect();
    Table::fitting(vec![Column::left("SERVICE"), Column::left("HOST")], &rows, None).write(&rows, output)
}
