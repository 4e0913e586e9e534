# The bill of materials, SPDX 2.3 in JSON: the library, the models with their checksums and the recordings that they
# were trained on, and XNNPACK, pthreadpool and cpuinfo where the libraries need them.
#   ${PROJECT_BINARY_DIR}/libhar.spdx.json
string(TIMESTAMP created "%Y-%m-%dT%H:%M:%SZ" UTC) # of SOURCE_DATE_EPOCH where that is set

set(spdx_packages)
set(spdx_files)
set(spdx_relations "{\"spdxElementId\": \"SPDXRef-DOCUMENT\", \"relationshipType\": \"DESCRIBES\", \"relatedSpdxElement\": \"SPDXRef-libhar\"}")

# One thing that is released by itself: its SPDX name, version, licence, copyright, what it is for, and a sentence.
macro(har_spdx_package id name version licence copyright purpose comment)
  list(APPEND spdx_packages "{
      \"SPDXID\": \"SPDXRef-${id}\",
      \"name\": \"${name}\",
      \"versionInfo\": \"${version}\",
      \"downloadLocation\": \"NOASSERTION\",
      \"filesAnalyzed\": false,
      \"licenseConcluded\": \"${licence}\",
      \"licenseDeclared\": \"${licence}\",
      \"copyrightText\": \"${copyright}\",
      \"primaryPackagePurpose\": \"${purpose}\",
      \"comment\": \"${comment}\"
    }")
endmacro()

macro(har_spdx_relation from type to)
  list(APPEND spdx_relations
    "{\"spdxElementId\": \"SPDXRef-${from}\", \"relationshipType\": \"${type}\", \"relatedSpdxElement\": \"SPDXRef-${to}\"}")
endmacro()

har_spdx_package(libhar libhar ${PROJECT_VERSION} Apache-2.0 "Copyright 2026 the libhar authors" LIBRARY
  "C11, libc alone")

# Recordings are not in the package; the models were made from them.
foreach(data
    "UCI-HAR|Human Activity Recognition Using Smartphones|1.0|Anguita, Ghio, Oneto, Parra, Reyes-Ortiz"
    "HAPT|Smartphone-Based Recognition of Human Activities and Postural Transitions|2.1|Reyes-Ortiz, Oneto, Sama, Parra, Anguita"
    "DSADS|Daily and Sports Activities|2013|Altun, Barshan, Tuncel"
    "WISDM|WISDM Smartphone and Smartwatch Activity and Biometrics Dataset|2019|Weiss")
  string(REPLACE "|" ";" data "${data}")
  list(GET data 0 id)
  list(GET data 1 name)
  list(GET data 2 version)
  list(GET data 3 authors)
  har_spdx_package(${id} "${name}" ${version} CC-BY-4.0 "${authors}" OTHER "trained on, not in the package")
endforeach()

set(trained_on_uci_har UCI-HAR HAPT)
set(trained_on_hapt HAPT)
set(trained_on_mhealth DSADS) # which stands in for MHEALTH and OPPORTUNITY
set(trained_on_opportunity DSADS)
set(trained_on_wisdm WISDM)

file(GLOB models RELATIVE ${PROJECT_SOURCE_DIR}/models ${PROJECT_SOURCE_DIR}/models/*.har)
foreach(model ${models})
  file(SHA1 ${PROJECT_SOURCE_DIR}/models/${model} sha1)
  file(SHA256 ${PROJECT_SOURCE_DIR}/models/${model} sha256)
  string(REGEX REPLACE "[^A-Za-z0-9.]" "-" id ${model})
  list(APPEND spdx_files "{
      \"SPDXID\": \"SPDXRef-${id}\",
      \"fileName\": \"./${HAR_MODELS_DESTINATION}/${model}\",
      \"checksums\": [
        {\"algorithm\": \"SHA1\", \"checksumValue\": \"${sha1}\"},
        {\"algorithm\": \"SHA256\", \"checksumValue\": \"${sha256}\"}
      ],
      \"licenseConcluded\": \"Apache-2.0\",
      \"copyrightText\": \"Copyright 2026 the libhar authors\"
    }")
  har_spdx_relation(DOCUMENT DESCRIBES ${id})
  string(REGEX MATCH "^(uci_har|hapt|mhealth|opportunity|wisdm)" family ${model})
  if(NOT family)
    message(FATAL_ERROR "cmake/spdx.cmake does not say what ${model} was trained on")
  endif()
  foreach(data ${trained_on_${family}})
    har_spdx_relation(${id} GENERATED_FROM ${data})
  endforeach()
endforeach()

if(HAR_XNNPACK_TARGET)
  foreach(part XNNPACK:BSD-3-Clause pthreadpool:BSD-2-Clause cpuinfo:BSD-2-Clause)
    string(REPLACE ":" ";" part ${part})
    list(GET part 0 name)
    list(GET part 1 licence)
    har_spdx_package(${name} ${name} NOASSERTION ${licence} NOASSERTION LIBRARY "of the system, linked, not in the package")
    har_spdx_relation(libhar DEPENDS_ON ${name})
  endforeach()
endif()

list(JOIN spdx_packages ",\n    " spdx_packages)
list(JOIN spdx_files ",\n    " spdx_files)
list(JOIN spdx_relations ",\n    " spdx_relations)
string(SHA256 content "${created}${spdx_packages}${spdx_files}${spdx_relations}")
file(WRITE ${PROJECT_BINARY_DIR}/libhar.spdx.json "{
  \"spdxVersion\": \"SPDX-2.3\",
  \"dataLicense\": \"CC0-1.0\",
  \"SPDXID\": \"SPDXRef-DOCUMENT\",
  \"name\": \"libhar-${PROJECT_VERSION}\",
  \"documentNamespace\": \"https://spdx.org/spdxdocs/libhar-${PROJECT_VERSION}-${content}\",
  \"creationInfo\": {\"created\": \"${created}\", \"creators\": [\"Organization: the libhar authors\", \"Tool: libhar-cmake-spdx\"]},
  \"packages\": [
    ${spdx_packages}
  ],
  \"files\": [
    ${spdx_files}
  ],
  \"relationships\": [
    ${spdx_relations}
  ]
}
")
