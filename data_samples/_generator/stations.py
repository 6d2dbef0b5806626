"""The water stations of the sample city: name, subdistrict and ordinary level in centimetres, by code. Invented."""

STATIONS = {
    "XMW01": ("东溪桥（虚构）", "350212001", 320),
    "XMW02": ("西溪口（虚构）", "350212004", 280),
    "XMW03": ("北岸水库（虚构）", "350212109", 1850),
    "XMW04": ("后溪闸（虚构）", "350211103", 410),
    "XMW05": ("湾口（虚构）", "350213007", 90),
    "XMW06": ("内湖（虚构）", "350203009", 60),
}
