#!/usr/bin/env python3
"""Makes an OCI-SIF as SingularityCE does, or one with a single flaw, for tests alone.

    oci_sif.py FILE [--config JSON] [--flaw NAME] LAYER...

LAYER: a squashfs file, the lowest first. --config: what the image's configuration says of running it
({"Env": [...], "Cmd": [...]}). FLAWS below names the flaws. The format is written out here once more:
layers, configuration, manifest and root index as objects of group 1, the digest of each in its
descriptor, no id, no times, no architecture, eight descriptors to spare.
"""
import argparse
import hashlib
import json
import struct

SQUASHFS = "application/vnd.sylabs.image.layer.v1.squashfs"
EXT3 = "application/vnd.sylabs.image.layer.v1.ext3"
GO_ZERO_TIME = -62135596800
ROOT_INDEX, BLOB, GENERIC = 0x400A, 0x400B, 0x4007


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def compact(tree):
    return json.dumps(tree, separators=(",", ":")).encode()


def reference(media_type, data):
    return {"mediaType": media_type, "size": len(data), "digest": digest(data)}


class Image:
    """The documents as trees, which a flaw may change, and the objects they become."""

    def __init__(self, layers, run):
        self.layers = layers
        self.layer_type = SQUASHFS
        self.config = {
            "architecture": "amd64", "created": "2026-01-01T00:00:00Z", "docker_version": "20.10.12",
            "history": [{"created": "2026-01-01T00:00:00Z", "created_by": "tests"}], "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]}, "config": run}
        self.manifest = {
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": None, "layers": None}
        self.index = {
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": None}
        self.extra_objects = []     # (type, data), behind the rest
        self.wrong_digests = {}     # object number -> digest in the descriptor
        self.broken_data = set()    # object numbers whose data is changed when all is digested
        self.late = None            # changes the references, which are there only while it is built

    def objects(self):
        config = compact(self.config)
        if self.manifest["config"] is None:
            self.manifest["config"] = reference("application/vnd.oci.image.config.v1+json", config)
        if self.manifest["layers"] is None:
            self.manifest["layers"] = [reference(self.layer_type, layer) for layer in self.layers]
        if self.late:
            self.late(self)
        manifest = compact(self.manifest)
        if self.index["manifests"] is None:
            self.index["manifests"] = [reference(self.manifest["mediaType"], manifest)]
        if hasattr(self, "last"):
            self.last(self)
        made = [(BLOB, layer) for layer in self.layers] + [(BLOB, config), (BLOB, manifest)]
        return made + [(ROOT_INDEX, compact(self.index))] + self.extra_objects

    def write(self, path):
        objects = self.objects()
        total = len(objects) + 8
        start = offset = 4096 + 585 * total
        table = b""
        content = b""
        for number, (kind, data) in enumerate(objects, 1):
            extra = self.wrong_digests.get(number, digest(data) if kind in (ROOT_INDEX, BLOB) else "")
            table += struct.pack("<iBIIIqqqqqqq128s384s", kind, 1, number, 0xF0000001, 0, offset, len(data),
                                 len(data), GO_ZERO_TIME, GO_ZERO_TIME, 0, 0, b"", extra.encode())
            if number in self.broken_data:
                data = data[:-1] + bytes([data[-1] ^ 1])
            content += data
            offset += len(data)
        header = struct.pack("<32s10s3s3s16sqqqqqqqq", b"#!/usr/bin/env run-singularity\n", b"SIF_MAGIC", b"01",
                             b"00", b"", GO_ZERO_TIME, GO_ZERO_TIME, 8, total, 4096, 585 * total, start,
                             len(content))
        with open(path, "wb") as out:
            out.write(header.ljust(4096, b"\0") + table.ljust(585 * total, b"\0") + content)


def second_manifest(image, annotations=None):
    other = reference("application/vnd.oci.image.manifest.v1+json", b"{}")
    if annotations:
        other["annotations"] = annotations
    image.index["manifests"].append(other)
    image.extra_objects.append((BLOB, b"{}"))


def last(change):
    return lambda image: setattr(image, "last", change)


def late(change):
    return lambda image: setattr(image, "late", change)


FLAWS = {
    "ext3": lambda image: setattr(image, "layer_type", EXT3),
    "tar": lambda image: setattr(image, "layer_type", "application/vnd.oci.image.layer.v1.tar+gzip"),
    "strange-layer": lambda image: setattr(image, "layer_type", "application/x-strange"),
    "two-manifests": last(second_manifest),
    "cosign": last(lambda image: second_manifest(
        image, {"org.opencontainers.image.ref.name": "_cosign:sha256-00.sig"})),
    "no-manifest": last(lambda image: image.index.update(manifests=[])),
    "data-container": lambda image: image.manifest.update(
        artifactType="application/vnd.sylabs.data-container.v1"),
    "stray": lambda image: image.extra_objects.append((BLOB, b"nobody asked for it")),
    "twice": lambda image: image.extra_objects.append((BLOB, image.layers[0])),
    "two-indices": lambda image: image.extra_objects.append((ROOT_INDEX, b"{}")),
    "mixed": lambda image: image.extra_objects.append((GENERIC, b"something else")),
    "layer-size": late(lambda image: image.manifest["layers"][0].update(size=1)),
    "missing": late(lambda image: image.manifest["layers"].append(reference(SQUASHFS, b"gone"))),
    "descriptor": lambda image: image.wrong_digests.update({1: digest(b"other")}),
    "no-digest": lambda image: image.wrong_digests.update({1: ""}),
    "content": lambda image: image.broken_data.add(1),
    "diff-id": lambda image: image.config["rootfs"].update(diff_ids=[digest(b"x")] * len(image.layers)),
    "unknown-field": lambda image: image.manifest.update(Layers=[]),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("layers", nargs="+")
    parser.add_argument("--config", default="{}")
    parser.add_argument("--flaw", choices=sorted(FLAWS))
    options = parser.parse_args()
    layers = []
    for path in options.layers:
        with open(path, "rb") as file:
            layers.append(file.read())
    image = Image(layers, json.loads(options.config))
    if options.flaw:
        FLAWS[options.flaw](image)
    image.write(options.file)


main()
