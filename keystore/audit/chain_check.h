// Holds the lines of an audit log, of one file or of several in their order, against the chain that
// they must make (log_chain.h). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/audit/log_chain.h"

namespace sifguard {

struct ChainFinding {
  std::string file;
  std::size_t line = 0;  ///< from 1; 0: of the whole file
  std::string what;
};

struct ChainReport {
  std::vector<ChainFinding> wrong;  ///< any of these: the log is not what was written
  std::vector<ChainFinding> notes;  ///< what a crash leaves
  std::uint64_t records = 0;
  std::uint64_t first = 0;  ///< `seq` of the first record
  ChainPoint last;
};

class ChainCheck {
 public:
  /// `head`: what the writer says was the last record when the check began; must be among the
  /// lines.
  explicit ChainCheck(std::optional<ChainPoint> head) : head_(std::move(head)) {}

  void begin_file(std::string name);
  /// `whole`: it has its end of line, as every line but a file's last must have.
  Status add_line(std::string_view text, bool whole);
  [[nodiscard]] Result<ChainReport> finish();

 private:
  struct Pending {
    std::string file, text;
    std::size_t line = 0;
    bool whole = true;
  };
  Status judge(const Pending& line, std::optional<ChainLine> next);
  void follow(const Pending& line, const ChainLine& parsed);
  void wrong(const Pending& line, std::string what);

  std::optional<ChainPoint> head_;
  bool head_seen_ = false;
  std::string file_;
  std::size_t line_ = 0;
  std::optional<Pending> pending_;  ///< judged once the next is known, which may name it as torn
  std::optional<Pending> before_;   ///< the record before, without its text
  ChainReport report_;
};

}  // namespace sifguard
