//! The table `predictions`.

use super::derived::count;
use super::table;
use super::unknown::unknown;
use crate::history::{Engagement, Prediction};

pub(super) struct Row<'e> {
    pub(super) engagement: &'e Engagement,
    ordinal: usize,
    prediction: &'e Prediction,
}

fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
    let predictions = engagement.predictions.iter().enumerate();
    predictions.map(move |(ordinal, prediction)| Row { engagement, ordinal, prediction })
}

table! {
    "predictions", "One row for each prediction of the intent analyzer.", rows;
    "prediction_ordinal" Integer "" "Place of the prediction in the record, from 0." => |row| count(row.ordinal).into(),
    "line_sequence" Text "" "Number of the line it was made for." => |row| row.prediction.line_sequence.as_ref().into(),
    "prediction_id" Text "" "Id of the prediction." => |row| row.prediction.prediction_id.as_ref().into(),
    "label" Text "" "The intent." => |row| row.prediction.label.as_ref().into(),
    "confidence" Number "" "How sure the analyzer is, 0 to 1." => |row| row.prediction.confidence.into(),
    "raw" Json "" "Members of the prediction that no column knows." => |row| unknown::<Prediction>(&row.prediction.raw).into(),
}
