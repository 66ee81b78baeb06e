"""The messages of proto/dataset_service.proto, without generated code: it would fit one version of protobuf only.

They have a pool of their own, so that the program may have generated code for the same file.
"""

from __future__ import annotations

from typing import Any, Dict

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "dataset_service"
SERVICE = "dataset_service.DatasetService"

#: Fields in the order of their numbers, from 1.
TABLE: Dict[str, str] = {
    "StreamBatchesRequest": "string dataset_name, int32 batch_size, bool shuffle, int32 max_batches",
    "GetBatchRequest": "string dataset_name, int32 batch_size, int32 batch_index",
    "DataBatch": "bytes data, int32 batch_index, bool is_last_batch, repeated Column columns",
    "Column": "string name, bytes data",
    "GetDatasetInfoRequest": "string dataset_name",
    "DatasetInfo": "string dataset_name, int32 total_samples, repeated int32 sample_shape, string data_type, "
    "bool is_available, repeated ColumnInfo columns, string data_name",
    "ColumnInfo": "string name, repeated int32 shape, string data_type",
    "HealthCheckRequest": "",
    "HealthCheckResponse": "string status, string message",
}


def file_descriptor() -> Any:
    """The table as protobuf's description of a file."""
    file = descriptor_pb2.FileDescriptorProto(name="dataset_service.proto", package=PACKAGE, syntax="proto3")
    for name, fields in TABLE.items():
        message = file.message_type.add(name=name)
        for number, text in enumerate(filter(None, fields.split(", ")), 1):
            _add_field(message, number, text.split())
    return file


def _add_field(message: Any, number: int, words: Any) -> None:
    *labels, kind, name = words
    field = message.field.add(name=name, number=number)
    field.label = field.LABEL_REPEATED if labels == ["repeated"] else field.LABEL_OPTIONAL
    if kind in TABLE:
        field.type, field.type_name = field.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
    else:
        field.type = getattr(field, "TYPE_" + kind.upper())


def _classes() -> Dict[str, Any]:
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file_descriptor().SerializeToString())
    class_of = getattr(message_factory, "GetMessageClass", None) or message_factory.MessageFactory(pool).GetPrototype
    return {name: class_of(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in TABLE}


_CLASSES = _classes()

StreamBatchesRequest = _CLASSES["StreamBatchesRequest"]
GetBatchRequest = _CLASSES["GetBatchRequest"]
DataBatch = _CLASSES["DataBatch"]
GetDatasetInfoRequest = _CLASSES["GetDatasetInfoRequest"]
DatasetInfo = _CLASSES["DatasetInfo"]
HealthCheckRequest = _CLASSES["HealthCheckRequest"]
HealthCheckResponse = _CLASSES["HealthCheckResponse"]
