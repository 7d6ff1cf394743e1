// What a node answers to `sifctl nodes`: the output of sifguard-node-status, in which everything
// may be wrong. Pure.
//
// Format: JSON objects, each from a line that begins with "{" to one that ends with "}" in the
// first column, or on one line; then a line "end". The first is {"schema":
// "sifguard.node-status/1", "node", "time" (Unix seconds), "slurm"}, the others are answers of
// sifctl's commands, or its errors. Nothing is rejected as a whole: what cannot be understood is
// told in `trouble`, and what can is used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sifguard {

/// The largest answer that is read; what comes behind is lost, which shows as a missing end.
inline constexpr std::size_t kMaxNodeAnswer = std::size_t{1} << 20U;

struct NodeFinding {
  bool problem = false;  ///< else a warning
  std::string check, what, remedy;
};

struct NodeCache {
  std::uint64_t entries = 0, bytes = 0, max_bytes = 0;
};

/// Texts are a node's, bounded, and not escaped. What the node did not say is absent or empty.
struct NodeAnswer {
  std::string node;
  std::optional<std::int64_t> time;  ///< the node's clock when it began to answer
  std::string slurm, version;        ///< of Slurm and sifguard there
  bool examined = false;             ///< doctor has answered
  std::vector<NodeFinding> findings;
  std::optional<std::int64_t> serial;     ///< of the last bundle
  bool has_lists = false;                 ///< the trust list was answered
  std::size_t lists = 0;                  ///< revocation lists and OCSP answers
  std::optional<std::int64_t> oldest;     ///< when the oldest of them was made
  std::optional<std::int64_t> first_end;  ///< when the first of them ends
  std::optional<NodeCache> cache;
  bool whole = false;                ///< the end was there
  std::vector<std::string> trouble;  ///< what is wrong with the answer itself
};

[[nodiscard]] NodeAnswer read_node_answer(std::string_view text);

}  // namespace sifguard
