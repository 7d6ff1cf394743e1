# Several sources of a library or a program are compiled as one: the headers of the standard library, CLI11 and JSON are
# then instantiated once for a dozen sources, and a clean build takes a third of the CPU time. Two sources of one target
# must not give one name to two things in their unnamed namespaces.
option(SIFGUARD_UNITY "Compile several sources as one: the quickest clean build" ON)

function(sifguard_unity directory)
  get_property(targets DIRECTORY ${directory} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target ${targets})
    get_target_property(type ${target} TYPE)
    if(target STREQUAL "sifguard_base")
      continue() # the launcher, a static program, must take from it only what it calls: no name service
    endif()
    if(type MATCHES "^(STATIC_LIBRARY|EXECUTABLE)$")
      set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
    endif()
  endforeach()
  get_property(children DIRECTORY ${directory} PROPERTY SUBDIRECTORIES)
  foreach(child ${children})
    sifguard_unity(${child})
  endforeach()
endfunction()

if(SIFGUARD_UNITY)
  foreach(directory keystore helper)
    sifguard_unity(${PROJECT_SOURCE_DIR}/${directory})
  endforeach()
endif()
