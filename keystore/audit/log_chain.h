// The hash chain of the audit log: each line names the one before it. Pure.
//
// A record is one JSON object on one line, whose last fields are
//   …,"torn":"HASH","seq":N,"prev":"HASH","hash":"HASH"}
// `seq` counts the records of the log from 1, across rotated files. `hash` is SHA-256 of the line's
// bytes before `,"hash":`; `prev` is the `hash` of the record before, 64 zeros for the first.
// `torn` is in a record that follows an incomplete line, which a crash left, and is SHA-256 of that
// piece. To compute `hash` by hand: sed 's/,"hash":"[0-9a-f]*"}$//' LINE | tr -d '\n' | sha256sum.
//
// The chain shows that lines were removed, edited or moved. Somebody who may write the log and its
// head can also write another chain; to detect that, compare it with what syslog has sent to
// another host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// A record's place in the chain. A default one is that of a log without records.
struct ChainPoint {
  std::uint64_t seq = 0;
  std::string hash = std::string(64, '0');  ///< lower-case hexadecimal digits
  bool operator==(const ChainPoint&) const = default;
};

struct ChainLine {
  ChainPoint point;
  std::string prev;
  std::string torn;  ///< empty if the line has no such field
};

/// SHA-256 in lower-case hexadecimal digits. Errors: Code::internal.
[[nodiscard]] Result<std::string> chain_hash(std::string_view bytes);

/// A line without its end, and its place in the chain. link_line() makes it from the JSON object
/// `body`, as the record after `last`.
struct LinkedLine {
  std::string text;
  ChainPoint point;
};
[[nodiscard]] Result<LinkedLine> link_line(std::string_view body, const ChainPoint& last,
                                           std::string_view torn);

/// The place that a line states; nullopt if it does not have this form.
[[nodiscard]] std::optional<ChainLine> parse_chain_line(std::string_view line);
/// Whether the line's content has its `hash`.
[[nodiscard]] Result<bool> is_unedited(std::string_view line);

}  // namespace sifguard
