// The statement that a current signature makes about an image. Runs in the sandboxed verifier.
#include "helper/verify/sandbox/metadata.h"

#include <algorithm>
#include <set>
#include <string>

#include "helper/sif/little_endian.h"
#include "keystore/base/fd.h"
#include "keystore/base/strict_json.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

/// The root with version, header and digest, and four for each of all objects that an image can
/// have.
constexpr std::size_t kMaxMetadataValues = 5 + 4 * sif::kMaxDescriptors;
constexpr JsonRules kStatementRules = {
    .code = Code::refused, .max_bytes = SIZE_MAX, .max_values = kMaxMetadataValues, .exact = true};

Result<Digest> parse_digest(std::string_view text, const std::string& what) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return fail(Code::refused, what + " is not of the form ALGORITHM:DIGITS");
  }
  const auto algorithm = digest_algorithm(text.substr(0, colon));
  if (!algorithm) {
    return fail(Code::denied, what + " uses '" + printable(text.substr(0, colon), 32) +
                                  "', not SHA-256, SHA-384 or SHA-512");
  }
  const std::string_view digits = text.substr(colon + 1);
  auto bytes = from_hex(digits);
  if (!bytes || bytes->size() != digest_size(*algorithm) || to_lower(digits) != digits) {
    return fail(Code::refused, what + " is not " + std::to_string(2 * digest_size(*algorithm)) +
                                   " lower-case hexadecimal digits");
  }
  return Digest{*algorithm, *std::move(bytes)};
}

Result<ObjectStatement> parse_object(StrictObject& value) {
  ObjectStatement object;
  object.relative_id = value.number<std::uint32_t>("relativeId", sif::kGroupMask - 1);
  const std::string descriptor = value.string("descriptorDigest");
  const std::string content = value.string("objectDigest");
  SG_CHECK(value.finish());
  SG_TRY(object.descriptor, parse_digest(descriptor, value.where() + ": descriptorDigest"));
  SG_TRY(object.object, parse_digest(content, value.where() + ": objectDigest"));
  return object;
}

Result<Digest> parse_header(StrictObject& value) {
  const std::string digest = value.string("digest");
  SG_CHECK(value.finish());
  return parse_digest(digest, value.where() + ": digest");
}

}  // namespace

Result<ImageStatement> parse_statement(std::string_view text) {
  // A statement is plain ASCII without escapes; nothing else needs to be agreed on.
  const auto strange = [](char c) { return c < 0x20 || c > 0x7e || c == '\\'; };
  if (std::any_of(text.begin(), text.end(), strange)) {
    return fail(Code::refused, "the statement is not one line of plain ASCII without escapes");
  }
  StrictObject root = StrictObject::parse(text, "the statement", kStatementRules);
  if (root.number<std::uint64_t>("version") != 1) root.reject("its version is not 1");
  StrictObject header = root.object("header");
  auto objects = root.objects("objects");
  if (objects.empty()) root.reject("it names no objects");
  SG_CHECK(root.finish());
  ImageStatement statement;
  SG_TRY(statement.header, parse_header(header));
  std::set<std::uint32_t> seen;
  for (StrictObject& one : objects) {
    SG_TRY(ObjectStatement object, parse_object(one));
    if (!seen.insert(object.relative_id).second) {
      return fail(Code::refused, "the statement names the relative id " +
                                     std::to_string(object.relative_id) + " twice");
    }
    statement.objects.push_back(std::move(object));
  }
  return statement;
}

Result<Digest> header_digest(const sif::RawHeader& header, DigestAlgorithm algorithm) {
  const std::span<const std::byte> raw = header;
  Hasher hasher(algorithm);
  hasher.update(raw.subspan(sif::kLaunchOffset, sif::kLaunchSize));
  hasher.update(raw.subspan(sif::kMagicOffset, sif::kMagic.size()));
  hasher.update(raw.subspan(sif::kVersionOffset, sif::kVersion.size()));
  hasher.update(raw.subspan(sif::kUuidOffset, sif::kUuidSize));
  return hasher.finish();
}

Result<Digest> descriptor_digest(const sif::Descriptor& object, std::uint32_t relative_id,
                                 DigestAlgorithm algorithm) {
  const std::span<const std::byte> raw = object.raw;
  std::array<std::byte, sizeof relative_id> id{};
  sif::store_le(id, 0, relative_id);
  Hasher hasher(algorithm);
  hasher.update(raw.subspan(sif::kTypeOffset, 4));
  hasher.update(raw.subspan(sif::kUsedOffset, 1));
  hasher.update(id);
  hasher.update(raw.subspan(sif::kLinkOffset, 4));
  hasher.update(raw.subspan(sif::kObjectSizeOffset, 8));
  hasher.update(raw.subspan(sif::kCreatedOffset, 8));
  hasher.update(raw.subspan(sif::kUidOffset, 8));
  hasher.update(raw.subspan(sif::kGidOffset, 8));
  hasher.update(raw.subspan(sif::kNameOffset, sif::kNameSize));
  hasher.update(raw.subspan(sif::kExtraOffset, sif::kExtraSize));
  return hasher.finish();
}

}  // namespace sifguard
