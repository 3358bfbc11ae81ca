"""Files in a bucket that speaks the protocol of S3; needs the extra `buoy[s3]`."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

CHUNK = 1 << 20


class Bucket:
    """`s3://key:secret@host[:port]/bucket?region=…`; `s3+http://` for a server without encryption, on the same machine."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self.bucket = where.path.strip("/")
        self.client = boto3.client(
            "s3",
            endpoint_url=f"{'https' if where.scheme == 's3' else 'http'}://{where.netloc.rpartition('@')[2]}",
            aws_access_key_id=unquote(where.username or ""),
            aws_secret_access_key=unquote(where.password or ""),
            region_name=parse_qs(where.query).get("region", ["us-east-1"])[0],
            config=Config(connect_timeout=10, read_timeout=30, retries={"max_attempts": 3}),
        )

    def put(self, key: str, content: BinaryIO) -> None:
        self.client.upload_fileobj(content, self.bucket, key)

    def read(self, key: str) -> Iterator[bytes]:
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                raise FileNotFoundError(key) from None
            raise
        yield from answer["Body"].iter_chunks(CHUNK)

    def has(self, key: str) -> bool:
        try:
            self.client.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
                return False
            raise
        return True

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=key)
