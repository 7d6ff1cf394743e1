// What was published here, and from which sources: published.json in the keystore. When an admin
// revokes a key, a signer or an image, it shows which published images were made from them.
// Published images have a digest, a key and a signer of their own, so the revocation does not
// affect them. The owner of the keystore, in `sifctl` and sifguard-publish.
//
// The file is JSON, read strictly: {"version": 1, "images": [{"name", "digest":
// "sha256:…", "since": SECONDS, "source": {"path", "digest": "sha256:…", "key": "64 digits or
// nothing", "signers": ["…"]}}]}. A keystore without the file has published nothing. An entry is
// valid as long as a binding "published-NAME" pins its digest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/store/keystore.h"

namespace sifguard {

inline constexpr const char* kPublishedRecords = "published.json";

struct PublishedRecord {
  std::string name;    ///< NAME of its binding, published-NAME
  std::string digest;  ///< "sha256:…" of the published file
  std::int64_t since = 0;
  std::string source_path;
  std::string source_digest;                ///< "sha256:…"
  std::string source_key;                   ///< id; empty for an image that is not encrypted
  std::vector<std::string> source_signers;  ///< signer ids by which it was verified
};

[[nodiscard]] std::string format_published(const std::vector<PublishedRecord>& records);
/// Errors: Code::config, "where: …".
[[nodiscard]] Result<std::vector<PublishedRecord>> parse_published(std::string_view text,
                                                                   const std::string& where);

/// Errors: Code::config.
[[nodiscard]] Result<std::vector<PublishedRecord>> published_records(const Keystore& keystore);
/// Adds the record or replaces one of the same name; sets `since`. Errors: Code::usage for a record
/// that could not be read again.
Status add_published(const Keystore& keystore, PublishedRecord record);
/// Removes the record of this name, if there is one.
Status remove_published(const Keystore& keystore, const std::string& name);

}  // namespace sifguard
