//! Predictions.

use lpchat_macros::model;

use crate::wire::Text;

/// What the intent analyzer made of one line.
///
/// Source: `docs/protocol/engagement-history-api.md`, "`predictions[]`".
#[model(unwrap = "topPrediction")]
pub struct Prediction {
    /// Id of the prediction.
    pub prediction_id: Option<Text>,
    /// The intent.
    #[wire("predictionLabel")]
    pub label: Option<Text>,
    /// How sure the analyzer is, 0 to 1.
    #[wire("confidenceScore")]
    pub confidence: Option<f64>,
    /// Number of the line it was made for; may name no line of the transcript.
    #[wire("lineSeq")]
    pub line_sequence: Option<Text>,
}
