// Makes OCI-SIFs in memory, good ones and ones that break a single rule. Tests only; shares nothing
// with the reader but the names of the format, which are written out here once more.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"
#include "tests/unit/sif/sif_builder.h"

namespace sifguard::test {

inline std::string oci_digest_of(const std::string& data) {
  return "sha256:" + to_hex(sha256(as_bytes(data)).value());
}

inline ObjectSpec blob_of(std::string data, std::uint32_t type = 0x400B) {
  ObjectSpec object;
  object.type = type;
  object.extra = oci_digest_of(data);
  object.data = std::move(data);
  return object;
}

/// A layer unlike that of any other number.
inline std::string layer_data(std::uint64_t number) {
  return squashfs(4096, 4096 + number);
}

/// What a document says of another blob.
inline std::string reference_to(const std::string& data, const std::string& type) {
  return R"({"mediaType":")" + type + R"(","size":)" + std::to_string(data.size()) +
         R"(,"digest":")" + oci_digest_of(data) + "\"}";
}

/// Each change is made to a document when it is written and before it is digested, so that all else
/// agrees with it.
class OciBuilder {
 public:
  using Change = std::function<void(std::string&)>;
  std::vector<std::string> layers = {layer_data(0), layer_data(1)};
  std::string layer_type = "application/vnd.sylabs.image.layer.v1.squashfs";
  std::string run = R"({"Env":["PATH=/bin","A=b=c"],"Entrypoint":["/bin/sh"],"Cmd":["-c","true"],)"
                    R"("WorkingDir":"/srv","User":"","Labels":null})";
  Change config_change, manifest_change, index_change;
  std::function<void(std::vector<ObjectSpec>&)> objects_change;

  [[nodiscard]] std::string config() const {
    std::string ids;
    for (const auto& layer : layers)
      ids += (ids.empty() ? "\"" : ",\"") + oci_digest_of(layer) + '"';
    return changed(R"({"architecture":"amd64","os":"linux","config":)" + run +
                       R"(,"docker_version":"20","rootfs":{"type":"layers","diff_ids":[)" + ids +
                       "]}}",
                   config_change);
  }
  [[nodiscard]] std::string manifest() const {
    std::string list;
    for (const std::string& layer : layers) {
      list += (list.empty() ? "" : ",") + reference_to(layer, layer_type);
    }
    return changed(
        R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":)" +
            reference_to(config(), "application/vnd.oci.image.config.v1+json") + R"(,"layers":[)" +
            list + "]}",
        manifest_change);
  }
  [[nodiscard]] std::string index() const {
    return changed(
        R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[)" +
            reference_to(manifest(), "application/vnd.oci.image.manifest.v1+json") + "]}",
        index_change);
  }
  [[nodiscard]] SifBuilder sif() const {
    std::vector<ObjectSpec> objects;
    for (const std::string& layer : layers) objects.push_back(blob_of(layer));
    objects.push_back(blob_of(config()));
    objects.push_back(blob_of(manifest()));
    objects.push_back(blob_of(index(), 0x400A));
    if (objects_change) objects_change(objects);
    SifBuilder builder;
    builder.arch = "00";
    builder.rows = objects.size() + 2;
    for (const ObjectSpec& object : objects) builder.add(object);
    return builder;
  }

 private:
  static std::string changed(std::string text, const Change& change) {
    if (change) change(text);
    return text;
  }
};

/// Puts `to` in the place of the first `from`, which must be there.
inline OciBuilder::Change replacing(const std::string& from, const std::string& to) {
  return [=](std::string& text) { text.replace(text.find(from), from.size(), to); };
}

}  // namespace sifguard::test
