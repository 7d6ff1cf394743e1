// What was published here, and from what: published.json in the keystore. Who revokes a key, a
// signer or an image learns from it which published images were made of theirs: those have a
// digest, a key and a signer of their own, which a revocation does not reach. The owner of the
// keystore, in `sifctl` and sifguard-publish.
//
// The file is JSON, read strictly: {"version": 1, "images": [{"name", "digest":
// "sha256:…", "since": SECONDS, "source": {"path", "digest": "sha256:…", "key": "64 digits or
// nothing", "signers": ["…"]}}]}. A keystore without it has published nothing. An entry counts as
// long as a binding "published-NAME" pins its digest.
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
  std::vector<std::string> source_signers;  ///< signer ids that it was verified by
};

[[nodiscard]] std::string format_published(const std::vector<PublishedRecord>& records);
/// Errors: Code::config, "where: …".
[[nodiscard]] Result<std::vector<PublishedRecord>> parse_published(std::string_view text,
                                                                   const std::string& where);

/// Errors: Code::config.
[[nodiscard]] Result<std::vector<PublishedRecord>> published_records(const Keystore& keystore);
/// In place of one of the same name; `since` is set here. Errors: Code::usage for what could not be
/// read again.
Status add_published(const Keystore& keystore, PublishedRecord record);
/// One that is not there is none.
Status remove_published(const Keystore& keystore, const std::string& name);

}  // namespace sifguard
