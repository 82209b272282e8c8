"""The objects of the raw layer: which there are, and the bytes of one."""

import re
from typing import NamedTuple

import boto3
from botocore.config import Config

from .unpack import unpack

HOUR = re.compile(r"dt=(\d{4}-\d{2}-\d{2})/hr=(\d{2})/")


class RawObject(NamedTuple):
    key: str
    # Written again under the same key, it is another object.
    etag: str
    bytes: int


def open_s3():
    return boto3.client("s3", config=Config(retries={"mode": "standard", "max_attempts": 8}))


def list_objects(s3, bucket):
    """All objects that lie in an hour; what Firehose could not deliver lies elsewhere."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="dt=")
    listed = (one for page in pages for one in page.get("Contents", ()))
    return [
        RawObject(one["Key"], one["ETag"].strip('"'), one["Size"])
        for one in listed
        if HOUR.match(one["Key"]) and one["Size"] > 0
    ]


def hour_of(key):
    """When Firehose began to fill the object, `2026-11-23T10:00:00`, UTC."""
    day, hour = HOUR.match(key).groups()
    return f"{day}T{hour}:00:00"


def read_object(s3, bucket, key, etag):
    """What the object holds, unpacked, and the fault behind which nothing more can be unpacked."""
    return unpack(s3.get_object(Bucket=bucket, Key=key, IfMatch=f'"{etag}"')["Body"].read())
