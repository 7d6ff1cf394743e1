// Checks that the lines of an audit log, from one file or several in order, form the chain of
// log_chain.h. Pure.
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
  std::size_t line = 0;  ///< from 1; 0: it concerns the whole file
  std::string what;
};

struct ChainReport {
  std::vector<ChainFinding> wrong;  ///< if there are any, the log is not what was written
  std::vector<ChainFinding> notes;  ///< traces of crashes
  std::uint64_t records = 0;
  std::uint64_t first = 0;  ///< `seq` of the first record
  ChainPoint last;
};

class ChainCheck {
 public:
  /// `head`: the last record when the check began, as the writer says; it must be among the lines.
  explicit ChainCheck(std::optional<ChainPoint> head) : head_(std::move(head)) {}

  void begin_file(std::string name);
  /// `whole`: it has a line end, as every line except a file's last must have.
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
  std::optional<Pending>
      pending_;  ///< judged when the next line is known, which may name it as torn
  std::optional<Pending> before_;  ///< the previous record, without its text
  ChainReport report_;
};

}  // namespace sifguard
