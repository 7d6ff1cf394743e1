// The head of an audit log: the place of its last record in the chain, in a file of its own beside
// the log, so that the chain continues when the log is rotated, emptied or removed. Root on nodes.
//
// The file `.NAME.head` is one line of fixed length, written in place (no room is needed on a full
// disk) and made durable: "sifguard-audit-head 1 SEQ HASH CHECK\n", SEQ with 20 digits, CHECK being
// the first 16 digits of SHA-256 of the text before it.
#pragma once

#include <optional>
#include <string>

#include "keystore/audit/log_chain.h"
#include "keystore/base/fd.h"
#include "keystore/base/trusted_file.h"

namespace sifguard {

[[nodiscard]] Result<std::string> format_head(const ChainPoint& point);
/// nullopt for anything that format_head() does not make.
[[nodiscard]] std::optional<ChainPoint> parse_head(std::string_view text);

/// ".audit.jsonl.head" for "audit.jsonl".
[[nodiscard]] std::string head_name(const std::string& log_name);

/// The head of the log at `path`; nullopt if there is none, or none that is valid.
[[nodiscard]] Result<std::optional<ChainPoint>> read_head(const std::string& path);

class HeadFile {
 public:
  /// Opens the file, or makes it durably. Errors: Code::config when it is not trustworthy,
  /// Code::temporary without space.
  [[nodiscard]] static Result<HeadFile> open(int directory, const std::string& log_name,
                                             const std::string& shown, Trust trust);
  /// Its content; nullopt when it is not valid, as after a crash while it was written.
  [[nodiscard]] Result<std::optional<ChainPoint>> read() const;
  Status write(const ChainPoint& point) const;

 private:
  HeadFile(UniqueFd fd, std::string shown) : fd_(std::move(fd)), shown_(std::move(shown)) {}
  UniqueFd fd_;
  std::string shown_;
};

}  // namespace sifguard
