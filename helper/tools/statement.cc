// The statement that a signature makes about a group of an image's objects. The user's rights.
#include "helper/tools/statement.h"

#include <algorithm>
#include <set>

#include "helper/verify/sandbox/hasher.h"
#include "helper/verify/sandbox/metadata.h"
#include "helper/verify/sandbox/parallel_hash.h"
#include "helper/verify/sandbox/workers.h"
#include "keystore/base/contains.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr DigestAlgorithm kAlgorithm = DigestAlgorithm::sha256;

std::string quoted(const Digest& digest) {
  return "\"sha256:" + to_hex(digest.value) + "\"";
}

bool is_in(const sif::Descriptor& object, std::span<const std::uint32_t> groups) {
  return contains(groups, object.group);
}

/// Indices of the group's objects, by ascending id.
std::vector<std::size_t> members(const sif::Image& image, std::uint32_t group) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < image.objects.size(); ++i) {
    if (image.objects[i].group == group) found.push_back(i);
  }
  std::sort(found.begin(), found.end(), [&](std::size_t a, std::size_t b) {
    return image.objects[a].id < image.objects[b].id;
  });
  return found;
}

Result<std::string> statement_about(const sif::Image& image, std::uint32_t group,
                                    const std::string& header,
                                    std::span<const HashRequest> requests) {
  const std::vector<std::size_t> objects = members(image, group);
  if (group == 0 || objects.empty()) {
    return fail(Code::refused, "the image has no group " + std::to_string(group),
                "see its groups with sif-list");
  }
  const std::uint32_t lowest = image.objects[objects.front()].id;
  std::string text = R"({"version":1,"header":{"digest":)" + header + R"(},"objects":[)";
  for (const std::size_t index : objects) {
    const std::uint32_t relative = image.objects[index].id - lowest;
    SG_TRY(const Digest descriptor, descriptor_digest(image.objects[index], relative, kAlgorithm));
    const auto& data = requests[index].found[static_cast<std::size_t>(kAlgorithm)];
    if (!data) return fail(Code::internal, "an object was not hashed");
    if (index != objects.front()) text += ',';
    text += R"({"relativeId":)" + std::to_string(relative) + R"(,"descriptorDigest":)" +
            quoted(descriptor) + R"(,"objectDigest":)" + quoted(*data) + "}";
  }
  return text + "]}";
}

}  // namespace

std::vector<std::uint32_t> groups_of(const sif::Image& image) {
  std::set<std::uint32_t> groups;
  for (const sif::Descriptor& object : image.objects) {
    if (object.group != 0) groups.insert(object.group);
  }
  return {groups.begin(), groups.end()};
}

std::uint64_t bytes_to_hash(const sif::Image& image, std::span<const std::uint32_t> groups) {
  std::uint64_t bytes = 0;
  for (const sif::Descriptor& object : image.objects) {
    if (is_in(object, groups)) bytes += object.size;
  }
  return bytes;
}

Result<std::vector<std::string>> make_statements(int fd, const sif::Image& image,
                                                 std::span<const std::uint32_t> groups,
                                                 std::uint64_t* progress) {
  std::vector<HashRequest> requests(image.objects.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const sif::Descriptor& object = image.objects[i];
    requests[i].offset = object.offset;
    requests[i].size = object.size;
    requests[i].wanted[static_cast<std::size_t>(kAlgorithm)] = is_in(object, groups);
  }
  Workers workers(usable_cores());
  SG_CHECK(hash_objects(fd, requests, {}, &workers, progress));
  SG_TRY(const Digest header, header_digest(image.header, kAlgorithm));
  std::vector<std::string> statements;
  for (const std::uint32_t group : groups) {
    SG_TRY(std::string text, statement_about(image, group, quoted(header), requests));
    statements.push_back(std::move(text));
  }
  return statements;
}

}  // namespace sifguard
