// Rules that hold between the parts of an image. Runs where image.h runs.
#include "helper/sif/structure.h"

#include <algorithm>

#include "keystore/base/fd.h"

namespace sifguard::sif {
namespace {

Status check_ids(const Image& image) {
  std::vector<std::uint32_t> ids;
  for (const Descriptor& object : image.objects) ids.push_back(object.id);
  std::sort(ids.begin(), ids.end());
  const auto twice = std::adjacent_find(ids.begin(), ids.end());
  if (twice != ids.end()) {
    return fail(Code::refused, "two objects have the id " + std::to_string(*twice));
  }
  return {};
}

Status check_overlaps(const Image& image, Extent table) {
  struct Named {
    Extent extent;
    const Descriptor* object;  // null: header or table
    const char* name;
  };
  std::vector<Named> parts = {{{0, kHeaderSize}, nullptr, "the header"},
                              {table, nullptr, "the descriptor table"}};
  for (const Descriptor& object : image.objects) {
    if (object.size > 0) parts.push_back({{object.offset, object.size}, &object, ""});
  }
  std::sort(parts.begin(), parts.end(),
            [](const Named& a, const Named& b) { return a.extent.offset < b.extent.offset; });
  const auto shown = [](const Named& part) {
    return part.object != nullptr ? part.object->shown() : std::string(part.name);
  };
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const Named& before = parts[i - 1];
    const Named& after = parts[i];
    // Sorted and checked pairwise, so the part before is the one that reaches furthest.
    if (after.extent.offset - before.extent.offset < before.extent.size) {
      return fail(Code::refused, shown(after) + " at offset " +
                                     std::to_string(after.extent.offset) + " overlaps " +
                                     shown(before));
    }
  }
  return {};
}

Status find_primary(Image& image) {
  for (std::size_t i = 0; i < image.objects.size(); ++i) {
    const Descriptor& object = image.objects[i];
    if (!object.partition || object.partition->type != PartitionType::primary_system) continue;
    if (image.primary) {
      return fail(Code::refused, image.objects[*image.primary].shown() + " and " + object.shown() +
                                     " are both primary system partitions");
    }
    image.primary = i;
  }
  if (!image.primary) return {};
  const std::string_view inside = image.objects[*image.primary].partition->arch_code;
  const std::string_view outside =
      as_text(std::span(image.header).subspan(kArchOffset, kArchSize - 1));
  // The header's is covered by no signature. sylabs/sif has always set it, other writers may leave
  // "00"; readers follow the one or the other, so two known ones must agree.
  const std::string there(architecture_name(outside));
  const std::string here(architecture_name(inside));
  if (there != here && there != "unknown" && here != "unknown") {
    return fail(Code::refused, "the header says architecture " + there +
                                   ", the primary system partition says " + here);
  }
  return {};
}

Status find_crypto_message(Image& image) {
  if (!image.primary) return {};
  const Descriptor& primary = image.objects[*image.primary];
  for (std::size_t i = 0; i < image.objects.size(); ++i) {
    const Descriptor& object = image.objects[i];
    if (!object.crypto_message || !object.link.is_object(primary.id)) continue;
    if (image.crypto_message) {  // runtimes take the first they find
      return fail(Code::refused, image.objects[*image.crypto_message].shown() + " and " +
                                     object.shown() + " are both linked to the primary partition");
    }
    if (object.crypto_message->format != kFormatPem ||
        object.crypto_message->message != kMessageRsaOaep) {
      return fail(Code::refused, object.shown() + " is not PEM with RSA-OAEP but format " +
                                     std::to_string(object.crypto_message->format) +
                                     ", message type " +
                                     std::to_string(object.crypto_message->message));
    }
    if (object.size == 0 || object.size > kMaxCryptoMessageSize) {
      return fail(Code::refused, object.shown() + " has " + std::to_string(object.size) +
                                     " bytes, not 1 to " + std::to_string(kMaxCryptoMessageSize));
    }
    image.crypto_message = i;
  }
  const bool encrypted = is_encrypted(primary.partition->file_system);
  // Without any it is encrypted with a passphrase.
  const bool elsewhere =
      std::any_of(image.objects.begin(), image.objects.end(),
                  [](const Descriptor& object) { return object.crypto_message.has_value(); });
  if (encrypted && !image.crypto_message && elsewhere) {
    return fail(Code::refused, "the primary partition, " + primary.shown() +
                                   ", is encrypted but no cryptographic message is linked to it");
  }
  if (!encrypted && image.crypto_message) {
    return fail(Code::refused, image.objects[*image.crypto_message].shown() +
                                   " is linked to the primary partition, which is not encrypted");
  }
  return {};
}

}  // namespace

Status check_structure(Image& image, Extent table) {
  SG_CHECK(check_ids(image));
  SG_CHECK(check_overlaps(image, table));
  SG_CHECK(find_primary(image));
  return find_crypto_message(image);
}

}  // namespace sifguard::sif
