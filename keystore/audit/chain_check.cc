// Checks the chain of the lines of an audit log. Pure.
#include "keystore/audit/chain_check.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxFindings = 100;

std::string numbered(std::uint64_t first, std::uint64_t last) {
  if (first == last) return "record " + std::to_string(first) + " is missing";
  return "records " + std::to_string(first) + " to " + std::to_string(last) + " are missing";
}

}  // namespace

void ChainCheck::wrong(const Pending& line, std::string what) {
  if (report_.wrong.size() < kMaxFindings) {
    report_.wrong.push_back({line.file, line.line, std::move(what)});
  }
}

void ChainCheck::begin_file(std::string name) {
  file_ = std::move(name);
  line_ = 0;
}

Status ChainCheck::add_line(std::string_view text, bool whole) {
  Pending line{file_, std::string(text), ++line_, whole};
  if (pending_) SG_CHECK(judge(*pending_, parse_chain_line(text)));
  pending_ = std::move(line);
  return {};
}

void ChainCheck::follow(const Pending& line, const ChainLine& parsed) {
  const std::uint64_t seq = parsed.point.seq;
  const ChainPoint& last = report_.last;
  const std::string between =
      !before_ ? ""
      : before_->file == line.file
          ? "line " + std::to_string(before_->line)
          : "the last record of " + before_->file + " (line " + std::to_string(before_->line) + ")";
  if (report_.records == 0) {
    report_.first = seq;
    if (seq == 1 && parsed.prev != ChainPoint{}.hash) {
      wrong(line, "the first record of all names one before it");
    }
  } else if (seq > last.seq + 1) {
    wrong(line, numbered(last.seq + 1, seq - 1) + " between " + between + " and this one");
  } else if (seq <= last.seq) {
    wrong(line, "record " + std::to_string(seq) + " stands after record " +
                    std::to_string(last.seq) + ", " + between + ": moved, repeated or put in");
  } else if (parsed.prev != last.hash) {
    wrong(line, "this record was written after another record " + std::to_string(last.seq) +
                    " than " + between + " is: one of the two was replaced");
  }
}

Status ChainCheck::judge(const Pending& line, std::optional<ChainLine> next) {
  if (next && !next->torn.empty()) {
    SG_TRY(const std::string hash, chain_hash(line.text));
    if (hash == next->torn) {
      report_.notes.push_back({line.file, line.line, "a piece of a record, left by a crash"});
      return {};
    }
  }
  const auto parsed = parse_chain_line(line.text);
  if (!parsed && !line.whole) {
    // If it was a whole record once, the next one or the head tells that it is missing.
    report_.notes.push_back({line.file, line.line, "a piece of a record at the file's end"});
    return {};
  }
  if (!parsed) {
    wrong(line, "this is not a record of the log");
    return {};
  }
  SG_TRY(const bool unedited, is_unedited(line.text));
  if (!unedited) wrong(line, "this record was edited: its content is not what its hash says");
  follow(line, *parsed);
  ++report_.records;
  report_.last = parsed->point;
  if (head_ && *head_ == parsed->point) head_seen_ = true;
  before_ = Pending{line.file, {}, line.line, true};
  return {};
}

Result<ChainReport> ChainCheck::finish() {
  if (pending_) SG_CHECK(judge(*pending_, std::nullopt));
  if (head_ && head_->seq != 0 && !head_seen_) {
    const Pending end{file_, {}, 0, true};
    if (report_.records == 0 || report_.last.seq < head_->seq) {
      wrong(end, numbered(report_.records == 0 ? head_->seq : report_.last.seq + 1, head_->seq) +
                     " at the end: the log's head names record " + std::to_string(head_->seq));
    } else {
      wrong(end,
            "record " + std::to_string(head_->seq) + " is not the one that the log's head names");
    }
  }
  return report_;
}

}  // namespace sifguard
