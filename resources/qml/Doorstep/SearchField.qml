// The one search box: `edited(text)` while typing.
Field {
    iconName: "search"
    clearable: true
    inputKind: "pinyin"
}
