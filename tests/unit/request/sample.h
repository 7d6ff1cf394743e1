// A request like the plugin's, written with the plugin's own encoder.
#pragma once

#include <string>
#include <vector>

#include "helper/request/request_writer.h"

namespace sifguard::test {

inline std::vector<char>& big_buffer() {
  static std::vector<char> buffer(wire::kMaxMessage);
  return buffer;
}

/// Writes everything that must be there, except the tag `without`.
inline void write_required(RequestWriter& writer, std::uint32_t without = 0) {
  const auto number = [&](wire::Tag tag, std::uint32_t value) {
    if (tag != without) writer.number(tag, value);
  };
  const auto text = [&](wire::Tag tag, std::string_view value) {
    if (tag != without) writer.text(tag, value);
  };
  const std::vector<std::uint32_t> groups{100, 2000};
  number(wire::kTagUid, 1001);
  number(wire::kTagGid, 1002);
  if (without != wire::kTagGroups) writer.numbers(wire::kTagGroups, groups);
  number(wire::kTagJob, 42);
  number(wire::kTagStep, 0xfffffffbU);
  number(wire::kTagNodeId, 1);
  text(wire::kTagCwd, "/home/alice");
  text(wire::kTagNode, "node2");
}

/// Writes everything that may be absent.
inline void write_optional(RequestWriter& writer) {
  writer.text(wire::kTagImage, "/apps/lolcow.sif");
  writer.text(wire::kTagBind, "/scratch");
  writer.text(wire::kTagBind, "/data:/mnt:ro");
  writer.text(wire::kTagVariable, "A=b=c");
  writer.text(wire::kTagVariable, "LANG");
  writer.text(wire::kTagBatchScript, "/var/spool/slurmd/job00042/slurm_script");
  writer.text(wire::kTagSigner, "0123");
  writer.text(wire::kTagWorkdir, "/work");
  writer.number(wire::kTagFlags, wire::kAllFlags);
}

inline std::string finished(RequestWriter& writer) {
  const std::size_t size = writer.finish();
  return {big_buffer().data(), size};
}

/// A whole, valid message with every field.
inline std::string sample_request() {
  RequestWriter writer(big_buffer());
  write_required(writer);
  write_optional(writer);
  return finished(writer);
}

}  // namespace sifguard::test
