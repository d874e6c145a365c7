//! Tables as bytes: the Arrow IPC streaming format, for languages that cannot share memory with us.

use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;

/// A batch as a complete Arrow IPC stream: its schema, the batch, and the end.
pub fn ipc_stream(batch: &RecordBatch) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::with_capacity(batch.get_array_memory_size()), &batch.schema());
    let written = writer.as_mut().map(|writer| writer.write(batch).and_then(|()| writer.finish()));
    debug_assert!(matches!(written, Ok(Ok(()))), "tables hold plain columns and memory takes any write");
    writer.and_then(StreamWriter::into_inner).unwrap_or_default()
}
