// Decodes the plugin's request. Helper, root; the values are the job owner's.
#include "helper/request/request.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace sifguard {
namespace {

constexpr std::string_view kRemedy = "install plugin and helper of one release";

tl::unexpected<Error> malformed(const std::string& what) {
  return fail(Code::internal, "malformed request: " + what, std::string(kRemedy));
}

std::string name_of(std::uint32_t tag) {
  return "field " + std::to_string(tag);
}

/// Reads fixed-size structures and records off the front of a message.
class Reader {
 public:
  explicit Reader(std::string_view bytes) noexcept : rest_(bytes) {}

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }

  template <typename T>
  [[nodiscard]] bool read(T& value) noexcept {
    if (rest_.size() < sizeof value) return false;
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return true;
  }

  [[nodiscard]] bool take(std::size_t size, std::string_view& bytes) noexcept {
    if (rest_.size() < size) return false;
    bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

 private:
  std::string_view rest_;
};

Status set_number(std::uint32_t tag, std::string_view bytes, std::uint32_t& value) {
  if (bytes.size() != sizeof value) return malformed(name_of(tag) + " is not a number");
  std::memcpy(&value, bytes.data(), sizeof value);
  return {};
}

Status check_text(std::uint32_t tag, std::string_view bytes) {
  if (bytes.empty()) return malformed(name_of(tag) + " is empty");
  if (bytes.size() > wire::kMaxString) return malformed(name_of(tag) + " is too long");
  if (bytes.find('\0') != std::string_view::npos) return malformed(name_of(tag) + " has a NUL");
  return {};
}

Status set_text(std::uint32_t tag, std::string_view bytes, std::string& value) {
  SG_CHECK(check_text(tag, bytes));
  value = bytes;
  return {};
}

Status set_path(std::uint32_t tag, std::string_view bytes, std::string& value) {
  SG_CHECK(set_text(tag, bytes, value));
  if (value.front() != '/') return malformed(name_of(tag) + " is not an absolute path");
  return {};
}

Status set_groups(std::string_view bytes, std::vector<gid_t>& groups) {
  static_assert(sizeof(gid_t) == sizeof(std::uint32_t));
  if (bytes.size() % sizeof(gid_t) != 0) return malformed("the groups are not whole numbers");
  if (bytes.size() / sizeof(gid_t) > wire::kMaxGroups) return malformed("too many groups");
  groups.resize(bytes.size() / sizeof(gid_t));
  if (!bytes.empty()) std::memcpy(groups.data(), bytes.data(), bytes.size());
  return {};
}

Status add_text(std::uint32_t tag, std::string_view bytes, std::size_t limit, const char* what,
                std::vector<std::string>& list) {
  SG_CHECK(check_text(tag, bytes));
  if (list.size() == limit) return malformed(std::string("too many ") + what);
  list.emplace_back(bytes);
  return {};
}

Status set_flags(std::string_view bytes, Request& request) {
  std::uint32_t flags = 0;
  SG_CHECK(set_number(wire::kTagFlags, bytes, flags));
  if ((flags & ~std::uint32_t{wire::kAllFlags}) != 0) return malformed("unknown flags");
  request.quiet = (flags & wire::kFlagQuiet) != 0;
  request.verbose = (flags & wire::kFlagVerbose) != 0;
  request.run = (flags & wire::kFlagRun) != 0;
  request.nv = (flags & wire::kFlagNv) != 0;
  request.rocm = (flags & wire::kFlagRocm) != 0;
  request.contain = (flags & wire::kFlagContain) != 0;
  request.node_enforces = (flags & wire::kFlagNodeEnforces) != 0;
  return {};
}

Status set_field(std::uint32_t tag, std::string_view bytes, Request& request) {
  switch (tag) {
    case wire::kTagUid:
      return set_number(tag, bytes, request.uid);
    case wire::kTagGid:
      return set_number(tag, bytes, request.gid);
    case wire::kTagGroups:
      return set_groups(bytes, request.groups);
    case wire::kTagJob:
      return set_number(tag, bytes, request.job);
    case wire::kTagStep:
      return set_number(tag, bytes, request.step);
    case wire::kTagNodeId:
      return set_number(tag, bytes, request.node_id);
    case wire::kTagCwd:
      return set_path(tag, bytes, request.cwd);
    case wire::kTagNode:
      return set_text(tag, bytes, request.node);
    case wire::kTagImage:
      return set_text(tag, bytes, request.image);
    case wire::kTagBind:
      return add_text(tag, bytes, wire::kMaxBinds, "binds", request.binds);
    case wire::kTagVariable:
      return add_text(tag, bytes, wire::kMaxVariables, "variables", request.variables);
    case wire::kTagBatchScript:
      return set_path(tag, bytes, request.batch_script);
    case wire::kTagSigner:
      return set_text(tag, bytes, request.signer);
    case wire::kTagWorkdir:
      return set_path(tag, bytes, request.workdir);
    case wire::kTagFlags:
      return set_flags(bytes, request);
    default:
      return malformed("unknown " + name_of(tag));
  }
}

}  // namespace

Result<Request> decode_request(std::string_view message) {
  static_assert(sizeof(uid_t) == sizeof(std::uint32_t));
  if (message.size() > wire::kMaxMessage) return malformed("it is too long");
  Reader reader(message);
  wire::Header header{};
  if (!reader.read(header)) return malformed("it is truncated");
  if (header.magic != wire::kRequestMagic) return malformed("wrong magic");
  if (header.version != wire::kVersion) {
    return malformed("version " + std::to_string(header.version) + " instead of " +
                     std::to_string(wire::kVersion));
  }
  if (header.size != message.size()) return malformed("its size does not fit");

  Request request;
  std::uint32_t seen = 0;  // one bit a tag
  while (!reader.empty()) {
    wire::RecordHeader record{};
    std::string_view bytes;
    if (!reader.read(record) || !reader.take(record.length, bytes)) {
      return malformed("it is truncated");
    }
    SG_CHECK(set_field(record.tag, bytes, request));
    const std::uint32_t bit = 1U << record.tag;
    const bool is_list = record.tag == wire::kTagBind || record.tag == wire::kTagVariable;
    if ((seen & bit) != 0 && !is_list) {
      return malformed(name_of(record.tag) + " is repeated");
    }
    seen |= bit;
  }
  for (std::uint32_t tag = wire::kTagUid; tag <= wire::kTagNode; ++tag) {
    if ((seen & (1U << tag)) == 0) return malformed(name_of(tag) + " is missing");
  }
  return request;
}

}  // namespace sifguard
